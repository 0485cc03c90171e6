"""Opening books, adding sources, and what the doctor says of each wrong thing."""
