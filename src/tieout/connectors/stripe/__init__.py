"""Stripe: charges, refunds, disputes and payouts as told by webhooks, and the balance transactions that settle them."""
