-- Products that an administrator uploads as a table. `rows` says how far a worker has come: it is moved on in the
-- transaction that stores these rows, so that whoever goes on after a crash begins exactly there.
CREATE TABLE "product_imports" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "actor_id" UUID,
    "request_id" TEXT,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "bytes" INTEGER NOT NULL,
    "rows" INTEGER NOT NULL DEFAULT 0,
    "created" INTEGER NOT NULL DEFAULT 0,
    "updated" INTEGER NOT NULL DEFAULT 0,
    "rejected" INTEGER NOT NULL DEFAULT 0,
    "failure" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    CONSTRAINT "product_imports_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "product_imports_status_check" CHECK ("status" IN ('queued', 'running', 'finished', 'failed'))
);

CREATE INDEX "product_imports_created_at_idx" ON "product_imports" ("created_at");

-- What was wrong with a row; the header is row 1.
CREATE TABLE "product_import_errors" (
    "import_id" UUID NOT NULL,
    "row" INTEGER NOT NULL,
    "column" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    CONSTRAINT "product_import_errors_pkey" PRIMARY KEY ("import_id", "row", "column"),
    CONSTRAINT "product_import_errors_import_id_fkey" FOREIGN KEY ("import_id")
        REFERENCES "product_imports" ("id") ON DELETE CASCADE
);
