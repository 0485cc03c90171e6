"""Stage 6, agree: open items, passes, matches, names for what is left, proofs."""
