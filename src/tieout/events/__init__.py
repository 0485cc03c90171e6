"""Stage 2, understand: deliveries become canonical events, by mapping."""
