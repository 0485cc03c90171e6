"""The library's face: doors, people, keys, periods and entries of one's own."""
