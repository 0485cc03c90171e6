"""RECON-3W: a benchmark of reconciliation whose truth is the chain of causes. docs/explanation/recon-3w.md."""
