"""Stage 1, receive: raw deliveries, verified, deduplicated, kept for ever as received."""
