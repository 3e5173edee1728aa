-- What the reports need beside the shop's own data, and the rules by which prices change. Everything is new or has a
-- default, so a release that knows none of it goes on working.

-- Where a customer came from: web, or what the link that brought them says.
ALTER TABLE "orders" ADD COLUMN "channel" TEXT NOT NULL DEFAULT 'web';

-- When the stock was last raised: what has lain for long may become cheaper.
ALTER TABLE "products" ADD COLUMN "stocked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

CREATE TABLE "imports" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "kind" TEXT NOT NULL,
    "actor_id" UUID,
    "rows" INTEGER NOT NULL,
    "accepted" INTEGER NOT NULL,
    "rejected" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "imports_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "imports_kind_check" CHECK ("kind" IN ('ad-spend', 'costs', 'competitor-prices'))
);

CREATE TABLE "ad_spend" (
    "day" DATE NOT NULL,
    "channel" TEXT NOT NULL,
    "campaign" TEXT NOT NULL,
    "spend_cents" INTEGER NOT NULL,
    "clicks" INTEGER NOT NULL DEFAULT 0,
    "impressions" INTEGER NOT NULL DEFAULT 0,
    "import_id" UUID NOT NULL,
    CONSTRAINT "ad_spend_pkey" PRIMARY KEY ("day", "channel", "campaign"),
    CONSTRAINT "ad_spend_amounts_check" CHECK ("spend_cents" >= 0 AND "clicks" >= 0 AND "impressions" >= 0),
    CONSTRAINT "ad_spend_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "imports" ("id")
);

-- What a piece costs the shop from a day on.
CREATE TABLE "product_costs" (
    "product_id" INTEGER NOT NULL,
    "valid_from" DATE NOT NULL,
    "cost_cents" INTEGER NOT NULL,
    "import_id" UUID NOT NULL,
    CONSTRAINT "product_costs_pkey" PRIMARY KEY ("product_id", "valid_from"),
    CONSTRAINT "product_costs_cost_check" CHECK ("cost_cents" >= 0),
    CONSTRAINT "product_costs_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products" ("id"),
    CONSTRAINT "product_costs_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "imports" ("id")
);

CREATE TABLE "competitor_prices" (
    "product_id" INTEGER NOT NULL,
    "competitor" TEXT NOT NULL,
    "seen_on" DATE NOT NULL,
    "price_cents" INTEGER NOT NULL,
    "import_id" UUID NOT NULL,
    CONSTRAINT "competitor_prices_pkey" PRIMARY KEY ("product_id", "competitor", "seen_on"),
    CONSTRAINT "competitor_prices_price_check" CHECK ("price_cents" > 0),
    CONSTRAINT "competitor_prices_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products" ("id"),
    CONSTRAINT "competitor_prices_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "imports" ("id")
);

CREATE TABLE "pricing_rules" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "priority" INTEGER NOT NULL DEFAULT 100,
    "scope" JSONB NOT NULL DEFAULT '{}',
    "parameters" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "pricing_rules_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "pricing_rules_kind_check" CHECK ("kind" IN ('margin_floor', 'competitor_delta', 'stock_age'))
);

-- One application of the rules; the key makes a repeated request the same run.
CREATE TABLE "pricing_runs" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "idempotency_key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "actor_id" UUID,
    "applied_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "undone_at" TIMESTAMPTZ(3),
    "undone_by" UUID,
    CONSTRAINT "pricing_runs_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "pricing_runs_idempotency_key_key" UNIQUE ("idempotency_key")
);

CREATE TABLE "price_changes" (
    "run_id" UUID NOT NULL,
    "product_id" INTEGER NOT NULL,
    "rule_id" UUID,
    "reason" TEXT NOT NULL,
    "old_price_cents" INTEGER NOT NULL,
    "new_price_cents" INTEGER NOT NULL,
    CONSTRAINT "price_changes_pkey" PRIMARY KEY ("run_id", "product_id"),
    CONSTRAINT "price_changes_price_check" CHECK ("new_price_cents" > 0),
    CONSTRAINT "price_changes_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "pricing_runs" ("id"),
    CONSTRAINT "price_changes_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products" ("id"),
    CONSTRAINT "price_changes_rule_id_fkey" FOREIGN KEY ("rule_id") REFERENCES "pricing_rules" ("id")
        ON DELETE SET NULL
);
