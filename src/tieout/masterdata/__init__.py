"""Reference: entities, sources, accounts, exchange rates."""
