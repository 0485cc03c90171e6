"""Every id in a bookkeeper's words."""
