"""Strict JSON (RFC 8259, and of I-JSON, RFC 7493, what keeps two readers from disagreeing)."""

import json
import math
import re
from collections import Counter
from typing import Any, NoReturn

import orjson

from chassis._problem import BadRequest

_MAX_DEPTH = 512
_SPACE = " \t\r\n"
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F])|.)", re.DOTALL)


def parse_json(body: bytes) -> Any:
    """Parse a JSON text without guessing; integers keep every digit.

    Raises:
        BadRequest: not UTF-8, a byte order mark, empty, malformed, NaN or Infinity, a number too large,
            a member named twice, a lone surrogate, or nested deeper than 512 levels.
    """
    text = _decode(body)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as exc:
        message = f"Malformed JSON: {exc.msg}, line {exc.lineno}, column {exc.colno}."
        raise BadRequest(message) from exc
    except ValueError as exc:  # the interpreter refuses integers whose conversion would take long
        raise BadRequest("Malformed JSON: an integer has too many digits.") from exc
    except RecursionError as exc:
        raise _too_deep() from exc
    _refuse_lone_surrogates(text)
    if text.count("[") + text.count("{") > _MAX_DEPTH:
        _refuse_deep(value)
    return value


def dump_json(value: Any) -> bytes:
    """Write compact JSON in UTF-8; integers may have any size and nesting the depth `parse_json` takes.

    Raises:
        TypeError: something has no JSON form.
        ValueError: a lone surrogate, or with large integers a number that is not finite.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _decode(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError as exc:
        raise BadRequest(f"The body is not UTF-8: byte {exc.start + 1} cannot be decoded.") from exc
    if text.startswith("\ufeff"):
        raise BadRequest("The body starts with a byte order mark; send UTF-8 without one.")
    if not text.strip(_SPACE):
        raise BadRequest("The body is empty; send a JSON text.")
    return text


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = json.dumps(Counter(name for name, _ in pairs).most_common(1)[0][0][:80])
        raise BadRequest(f"Ambiguous JSON: the member {twice} occurs twice in one object.")
    return members


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise BadRequest(f"Malformed JSON: the number {text[:40]} is too large.")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise BadRequest(f"Malformed JSON: {name} is no JSON number.")


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_refuse_constant, parse_float=_number)


def _refuse_lone_surrogates(text: str) -> None:
    if not _SURROGATE.search(text):
        return
    for escape in _ESCAPE.finditer(text):
        if escape[1]:
            line, column = (
                text.count("\n", 0, escape.start()) + 1,
                escape.start() - text.rfind("\n", 0, escape.start()),
            )
            raise BadRequest(f"Malformed JSON: half of a surrogate pair, line {line}, column {column}.")


def _refuse_deep(value: Any) -> None:
    level, depth = [value], 0
    while level := [item for item in level if type(item) is list or type(item) is dict]:
        depth += 1
        if depth > _MAX_DEPTH:
            raise _too_deep()
        level = [item for parent in level for item in (parent.values() if type(parent) is dict else parent)]


def _too_deep() -> BadRequest:
    return BadRequest(f"The JSON is nested deeper than {_MAX_DEPTH} levels.")
