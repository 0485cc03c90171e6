"""What `check` finds when something wrote past the ledger."""
