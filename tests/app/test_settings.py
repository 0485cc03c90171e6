"""Settings from the environment, and what is refused."""
