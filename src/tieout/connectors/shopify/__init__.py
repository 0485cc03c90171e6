"""Shopify: orders, edits and refunds, gift cards as tender, and the balance of Shopify Payments."""
