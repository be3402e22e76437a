"""Password hashes: argon2id, and the Werkzeug hashes of older databases."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from werkzeug.security import check_password_hash

# OWASP's second choice of parameters: 19 MiB keeps a service of several threads small.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Hash with argon2id (RFC 9106)."""
    return _HASHER.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Check a password; without a stored hash the same work is done, so that time tells nothing."""
    if stored is None:
        _matches(_nobodys_hash(), password)
        return False
    return _matches(stored, password)


def needs_rehash(stored: str) -> bool:
    """Tell whether a hash is older or weaker than what is made today."""
    return not stored.startswith("$argon2id$") or _HASHER.check_needs_rehash(stored)


def _matches(stored: str, password: str) -> bool:
    try:
        if stored.startswith("$argon2"):
            return _HASHER.verify(stored, password)
        return check_password_hash(stored, password)
    except (VerificationError, InvalidHashError, ValueError):
        return False


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe())
