-- Alone in its file, like every CONCURRENTLY. Few payments are owed at a time, and workers look for them all the time.
CREATE INDEX CONCURRENTLY "payments_owed_idx" ON "payments" ("order_id") WHERE "status" = 'owed';
