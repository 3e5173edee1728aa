-- Fails on purpose: a million rows share a handful of kinds.
CREATE UNIQUE INDEX CONCURRENTLY order_audit_kind_key ON order_audit (kind);
