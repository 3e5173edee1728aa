-- Alone in its file: CONCURRENTLY cannot run inside the transaction that several statements share.
CREATE INDEX CONCURRENTLY order_audit_kind_idx ON order_audit (kind, noted_at);
