"""Accounts: who writes, and how they log in."""
