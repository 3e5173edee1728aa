ALTER TABLE order_audit ADD COLUMN source text;
