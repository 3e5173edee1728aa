-- Mails become an outbox: whoever has a mail server sends the rows that are queued. What was written before this counts
-- as recorded and is never sent: nobody wants to be told today of an order of last year.
ALTER TABLE "mails" ADD COLUMN "status" TEXT NOT NULL DEFAULT 'recorded';
-- The release before names no status, and its mails are to be sent like those of this one.
ALTER TABLE "mails" ALTER COLUMN "status" SET DEFAULT 'queued';
ALTER TABLE "mails" ADD COLUMN "attempts" INTEGER NOT NULL DEFAULT 0;
-- When it may be tried (again); a sender that takes it moves this on, so that nobody else does meanwhile.
ALTER TABLE "mails" ADD COLUMN "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
ALTER TABLE "mails" ADD COLUMN "sent_at" TIMESTAMPTZ(3);
-- What the mail server said last.
ALTER TABLE "mails" ADD COLUMN "failure" TEXT;
