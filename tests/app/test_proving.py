"""The proof of a small month, worked out by hand."""
