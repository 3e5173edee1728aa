-- Reports count by the day of payment. Alone in its file, like every CONCURRENTLY.
CREATE INDEX CONCURRENTLY "orders_paid_at_idx" ON "orders" ("paid_at");
