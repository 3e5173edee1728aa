-- Alone in its file, like every CONCURRENTLY.
CREATE INDEX CONCURRENTLY "orders_user_id_created_at_idx" ON "orders" ("user_id", "created_at");
