-- Alone in its file, like every CONCURRENTLY. 'simple': names of products are not words of one language.
CREATE INDEX CONCURRENTLY "products_search_idx" ON "products" USING gin (to_tsvector('simple', "name" || ' ' || "description"));
