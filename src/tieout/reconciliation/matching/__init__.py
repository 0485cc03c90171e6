"""Two-sided matching: rows of two files, tied by passes of SQL that post only what is the only possibility."""
