-- Alone in its file: CONCURRENTLY cannot run inside the transaction that several statements share.
CREATE INDEX CONCURRENTLY "orders_status_created_at_idx" ON "orders" ("status", "created_at");
