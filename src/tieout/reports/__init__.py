"""Shows the books to others: files that accountants and their programs read."""
