-- The mails to be sent, the next one first, and those that never will be; most of all are neither.
CREATE INDEX CONCURRENTLY "mails_unsent_idx" ON "mails" ("status", "next_attempt_at")
    WHERE "status" IN ('queued', 'bounced', 'expired');
