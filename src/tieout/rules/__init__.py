"""Rules as data: charts of accounts, posting, matching, bank lines. TOML, versioned, with the reason for each."""
