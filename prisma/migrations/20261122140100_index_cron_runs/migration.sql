-- The runs whose process may be gone: a handful among hundreds of thousands.
CREATE INDEX CONCURRENTLY "cron_run_unfinished_idx" ON "cron_run" ("job", "slot")
    WHERE "status" IN ('running', 'interrupted');
