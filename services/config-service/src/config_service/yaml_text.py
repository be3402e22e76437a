"""YAML with the values of JSON: the core schema of YAML 1.2, without aliases and tags."""

import re
from collections.abc import Callable
from typing import Any

import yaml

from chassis import BadRequest

MAX_DEPTH = 100
MAX_VALUES = 1_000_000  # some seconds of work; as JSON, it may be more
_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.CSafeLoader):
    """Knows the scalars of the core schema only: `no` and `12:30` are texts."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 the library's own way


class _Dumper(yaml.CSafeDumper):
    """Quotes what is a number in YAML 1.2 only, beside what is one in YAML 1.1."""


_SCALARS = {
    "null": (r"null|~|", ["n", "~", ""]),
    "bool": (r"true|false", ["t", "f"]),
    "int": (r"[-+]?[0-9]+", list("-+0123456789")),
    "float": (r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
}
for _kind, (_pattern, _first) in _SCALARS.items():
    for _class in (_Loader, _Dumper):
        _class.add_implicit_resolver(_TAG + _kind, re.compile(rf"(?:{_pattern})\Z"), _first)


def parse_yaml(body: bytes) -> Any:
    """Read one YAML document.

    Raises:
        BadRequest: it is malformed, has an alias, a tag, a key that is no text or is there twice,
            or nests too deep.
    """
    try:
        return _Reader(_Loader(body.decode())).document()
    except UnicodeDecodeError as exc:
        raise BadRequest("The body is not UTF-8.") from exc
    except yaml.YAMLError as exc:
        problem = getattr(exc, "problem", None) or getattr(exc, "reason", None) or "it cannot be read"
        raise BadRequest(f"Malformed YAML: {problem}{_place(getattr(exc, 'problem_mark', None))}.") from exc


def dump_yaml(value: Any) -> str:
    """Write a value in block style; JSON values come back as they are."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000)
    return text


class _Reader:
    """Makes values of events; a tree of nodes would take ten times their memory."""

    def __init__(self, loader: _Loader) -> None:
        self._loader = loader
        self._values = 0

    def document(self) -> Any:
        self._next()  # the stream begins
        if isinstance(self._next(), yaml.StreamEndEvent):
            raise BadRequest("The YAML has no document.")
        value = self._value(self._next(), 0)
        self._next()  # the document ends
        if not isinstance(event := self._next(), yaml.StreamEndEvent):
            raise _error(event, "a second document")
        return value

    def _next(self) -> Any:
        return self._loader.get_event()

    def _value(self, event: Any, depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent):
            raise _error(event, "an alias")
        if depth > MAX_DEPTH:
            raise _error(event, "too deep a nesting")
        self._values += 1
        if self._values > MAX_VALUES:
            raise _error(event, f"more than {MAX_VALUES} values (JSON may have more)")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event, self._loader)
        is_object = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", _TAG + ("map" if is_object else "seq")):
            raise _error(event, "a tag that is not understood")
        return self._object(depth) if is_object else self._array(depth)

    def _array(self, depth: int) -> list[Any]:
        items = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._value(event, depth + 1))
        return items

    def _object(self, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            name = self._value(event, depth + 1)
            if not isinstance(name, str):
                raise _error(event, "a key that is no text")
            if name in members:
                raise _error(event, "a key that is there twice")
            members[name] = self._value(self._next(), depth + 1)
        return members


def _scalar(event: yaml.ScalarEvent, loader: _Loader) -> Any:
    tag, text = event.tag, event.value
    if tag in (None, "!"):
        tag = loader.resolve(yaml.ScalarNode, text, event.implicit)  # type: ignore[no-untyped-call]
    kind = tag.removeprefix(_TAG)
    if kind == "str":
        return text
    if kind not in _SCALARS or not re.fullmatch(_SCALARS[kind][0], text):
        raise _error(event, "a tag that is not understood")
    try:
        return _VALUES[kind](text)
    except ValueError as exc:
        raise _error(event, "a number that is too large") from exc


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number


_VALUES: dict[str, Callable[[str], Any]] = {
    "null": lambda _: None,
    "bool": lambda word: word == "true",
    "int": int,
    "float": _float,
}


def _error(event: Any, what: str) -> BadRequest:
    return BadRequest(f"The YAML has {what}{_place(event.start_mark)}.")


def _place(mark: Any) -> str:
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
