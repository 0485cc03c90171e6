"""What one ledger knows of itself: sources, sellers, patience and crossed rates."""
