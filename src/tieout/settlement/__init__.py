"""Stage 5, owe: the room for what each marketplace seller is owed, from ownership to payout."""
