"""Usernames: which are allowed, and which are the same."""

import unicodedata

MAX_LENGTH = 64
# Control, format (invisible, direction-changing), surrogate, unassigned, line and paragraph separators.
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})


def username_key(username: str) -> str:
    """Fold the letter case away: two names with one key are the same name."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", username).casefold())


def username_fault(username: str) -> str | None:
    """Say why a name is refused, or None."""
    if not username.strip():
        return "Username is required."
    if len(username) > MAX_LENGTH:
        return f"Username must have at most {MAX_LENGTH} characters."
    if any(unicodedata.category(character) in _REFUSED for character in username):
        return "Username must not contain control characters."
    if username != username.strip():
        return "Username must not begin or end with a space."
    return None
