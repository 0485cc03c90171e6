"""What faces show is plain, frozen, and the same as JSON."""
