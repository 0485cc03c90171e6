"""From any id to the raw delivery and to the bank, and back."""
