"""Search terms: one digest for each scalar of a document, so that a condition is an index lookup."""

import json
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from chassis import BadRequest, parse_json

Scalar = str | int | float | bool | None
# The digests of which a document must have at least one to meet a condition.
Condition = frozenset[bytes]

TERM_BYTES = 16


def terms_of(metadata: dict[str, Any]) -> set[bytes]:
    """Return the term of every scalar in a document; what is inside an array is not searched."""
    return {_term(path, value) for path, value in _scalars(metadata)}


def condition(path: str, text: str) -> Condition:
    """Return what finds the documents that have, at a dotted path, the text or the JSON scalar it spells."""
    return frozenset(_term(path, value) for value in _meanings(text))


def _scalars(metadata: dict[str, Any]) -> Iterator[tuple[str, Scalar]]:
    open_objects = [("", metadata)]
    while open_objects:
        prefix, members = open_objects.pop()
        for name, value in members.items():
            path = prefix + name
            if isinstance(value, dict):
                open_objects.append((f"{path}.", value))
            elif not isinstance(value, list):
                yield path, value


def _meanings(text: str) -> Iterator[Scalar]:
    yield text
    try:
        value = parse_json(text.encode())
    except BadRequest:
        return
    if not isinstance(value, dict | list):
        yield value


def _term(path: str, value: Scalar) -> bytes:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 500 finds 500.0
    return blake2b(json.dumps([path, value]).encode(), digest_size=TERM_BYTES).digest()
