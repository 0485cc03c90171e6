"""The nouns: frozen, pure, and known to every other part. Nothing in here does anything."""
