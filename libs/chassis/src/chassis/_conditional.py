"""Entity tags and the conditions made with them (RFC 9110 §8.8.3 and §13.1)."""

import hashlib
import re

_ENTITY_TAG = re.compile(r'[ \t,]*((?:W/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)')


def etag_of(content: bytes) -> str:
    """Return a strong entity tag of a representation's bytes."""
    return f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'


def none_match(if_none_match: str | None, etag: str | None) -> bool:
    """Tell whether the client has this representation already: answer 304, or 412 to a write (§13.1.2).

    Arguments:
        if_none_match: the header, its lines joined by commas; absent or malformed: it has not.
        etag: of the current representation; None when there is none.
    """
    if not if_none_match or etag is None:
        return False
    if if_none_match.strip(" \t") == "*":
        return True
    return etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in _entity_tags(if_none_match)}


def match(if_match: str | None, etag: str | None) -> bool:
    """Tell whether a write may go ahead; weak tags match nothing (§13.1.1).

    Arguments:
        if_match: the header, its lines joined by commas; absent: it may; malformed: it may not.
        etag: of the current representation; None when there is none.
    """
    if if_match is None:
        return True
    if etag is None or etag.startswith("W/"):
        return False
    return if_match.strip(" \t") == "*" or etag in _entity_tags(if_match)


def _entity_tags(header: str) -> list[str]:
    """Return the tags of a list, none when it is malformed."""
    tags, position, end = [], 0, len(header.rstrip(" \t,"))
    while position < end:
        found = _ENTITY_TAG.match(header, position)
        if found is None:
            return []
        tags.append(found[1])
        position = found.end()
    return tags
