-- ecomweb: contract
ALTER TABLE order_audit DROP COLUMN region;
