"""Stage 3, account: events become balanced entries, by rule."""
