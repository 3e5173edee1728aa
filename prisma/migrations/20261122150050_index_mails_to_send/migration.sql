CREATE INDEX CONCURRENTLY "mails_to_send_idx" ON "mails" ("next_attempt_at") WHERE "status" = 'queued';
