"""Stage 4, record: entries, balances, periods; append-only."""
