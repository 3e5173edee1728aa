-- Orders that only test whether ordering works. The default is constant, so no row is rewritten, and releases that
-- do not know the column go on inserting without it.
ALTER TABLE "orders" ADD COLUMN "probe" BOOLEAN NOT NULL DEFAULT false;
