-- Alone in its file, like every CONCURRENTLY. A page of a category comes in the order of ids, and what is archived is
-- never listed.
CREATE INDEX CONCURRENTLY "products_category_id_idx" ON "products" ("category", "id") WHERE "archived_at" IS NULL;
