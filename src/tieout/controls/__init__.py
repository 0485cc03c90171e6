"""Controls: people, keys, sessions, the audit log."""
