-- Accounts, what they did, and what an order passes through between "placed" and "sent". Everything is new or has a
-- default, so a release that knows none of it goes on working.

ALTER TABLE "users" ADD COLUMN "disabled_at" TIMESTAMPTZ(3);

-- A product that was ordered is never deleted, since its orders name it: it leaves the shop instead.
ALTER TABLE "products" ADD COLUMN "archived_at" TIMESTAMPTZ(3);

ALTER TABLE "orders" ADD COLUMN "paid_at" TIMESTAMPTZ(3);
ALTER TABLE "orders" ADD COLUMN "cancelled_at" TIMESTAMPTZ(3);
ALTER TABLE "orders" ADD COLUMN "refunded_at" TIMESTAMPTZ(3);
ALTER TABLE "orders" ADD COLUMN "failure" TEXT;

-- Whose event it is; nobody's for guests and for stock.
ALTER TABLE "outbox" ADD COLUMN "user_id" UUID;

CREATE TABLE "payments" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "order_id" UUID NOT NULL,
    "amount_cents" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "refunded_at" TIMESTAMPTZ(3),
    CONSTRAINT "payments_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "payments_order_id_key" UNIQUE ("order_id"),
    CONSTRAINT "payments_amount_check" CHECK ("amount_cents" >= 0),
    CONSTRAINT "payments_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders" ("id")
        ON DELETE RESTRICT ON UPDATE CASCADE
);

-- One mail of a kind for an order, however often the step that sends it is repeated.
CREATE TABLE "mails" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "order_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "recipient" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "mails_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "mails_order_id_kind_key" UNIQUE ("order_id", "kind"),
    CONSTRAINT "mails_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders" ("id")
        ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "subscriptions" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "user_id" UUID NOT NULL,
    "plan" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'active',
    "renews_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "cancelled_at" TIMESTAMPTZ(3),
    CONSTRAINT "subscriptions_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "subscriptions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id")
        ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "audit_log" (
    "id" BIGSERIAL NOT NULL,
    "actor_id" UUID,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "details" JSONB NOT NULL DEFAULT '{}',
    "request_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- Keys that sign access tokens, for shops that set none themselves.
CREATE TABLE "signing_keys" (
    "id" TEXT NOT NULL,
    "secret" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retired_at" TIMESTAMPTZ(3),
    CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("id")
);
