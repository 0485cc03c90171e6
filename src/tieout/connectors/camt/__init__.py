"""Bank statements in ISO 20022 format: camt.053, with camt.052 and camt.054 read but never booked."""
