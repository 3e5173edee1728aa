ALTER TABLE order_audit ADD COLUMN region text NOT NULL DEFAULT 'eu';
