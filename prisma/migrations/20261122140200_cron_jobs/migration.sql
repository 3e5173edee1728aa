-- What the scheduled jobs write.

CREATE TABLE "daily_analytics" (
    "day" DATE NOT NULL,
    "orders" INTEGER NOT NULL,
    "paid_orders" INTEGER NOT NULL,
    "cancelled_orders" INTEGER NOT NULL,
    "items" INTEGER NOT NULL,
    "revenue_cents" BIGINT NOT NULL,
    "refunded_cents" BIGINT NOT NULL,
    "customers" INTEGER NOT NULL,
    "new_customers" INTEGER NOT NULL,
    "new_users" INTEGER NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "daily_analytics_pkey" PRIMARY KEY ("day")
);

CREATE TABLE "weekly_engagement" (
    "week" DATE NOT NULL,
    "customers" INTEGER NOT NULL,
    "new_customers" INTEGER NOT NULL,
    "returning_customers" INTEGER NOT NULL,
    "lapsed_customers" INTEGER NOT NULL,
    "repeat_customers" INTEGER NOT NULL,
    "orders" INTEGER NOT NULL,
    "revenue_cents" BIGINT NOT NULL,
    "new_users" INTEGER NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "weekly_engagement_pkey" PRIMARY KEY ("week")
);

-- Mails that are not about an order. The key keeps them single, however often they are queued.
CREATE TABLE "outgoing_mails" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "kind" TEXT NOT NULL,
    "recipient" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "dedup_key" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "failure" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(3),
    CONSTRAINT "outgoing_mails_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "outgoing_mails_dedup_key_key" UNIQUE ("dedup_key")
);

CREATE INDEX "outgoing_mails_unsent_idx" ON "outgoing_mails" ("status", "next_attempt_at")
    WHERE "status" IN ('queued', 'bounced', 'expired');

CREATE TABLE "subscription_plans" (
    "plan" TEXT NOT NULL,
    "price_cents" INTEGER NOT NULL,
    CONSTRAINT "subscription_plans_pkey" PRIMARY KEY ("plan"),
    CONSTRAINT "subscription_plans_price_check" CHECK ("price_cents" >= 0)
);

INSERT INTO "subscription_plans" ("plan", "price_cents") VALUES ('basic', 499), ('plus', 999), ('premium', 1999);

-- The day of the month on which it renews, 1 to 31: one of the 31st that renewed on 28 February goes back to the 31st.
ALTER TABLE "subscriptions" ADD COLUMN "anchor_day" SMALLINT;

CREATE TABLE "subscription_charges" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "subscription_id" UUID NOT NULL,
    "period" DATE NOT NULL,
    "plan" TEXT NOT NULL,
    "amount_cents" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "subscription_charges_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "subscription_charges_subscription_id_period_key" UNIQUE ("subscription_id", "period"),
    CONSTRAINT "subscription_charges_amount_check" CHECK ("amount_cents" >= 0),
    CONSTRAINT "subscription_charges_subscription_id_fkey" FOREIGN KEY ("subscription_id")
        REFERENCES "subscriptions" ("id") ON DELETE CASCADE
);

CREATE TABLE "health_samples" (
    "slot" TIMESTAMPTZ(3) NOT NULL,
    "status" TEXT NOT NULL,
    "http_status" INTEGER,
    "latency_ms" INTEGER NOT NULL,
    "services" JSONB NOT NULL DEFAULT '{}',
    "version" TEXT,
    "failure" TEXT,
    CONSTRAINT "health_samples_pkey" PRIMARY KEY ("slot"),
    CONSTRAINT "health_samples_status_check" CHECK ("status" IN ('healthy', 'degraded', 'unreachable'))
);
