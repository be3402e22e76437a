"""Registry of the addresses that called."""
