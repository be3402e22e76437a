"""YAML with the values of JSON: the core schema of YAML 1.2, without aliases and tags."""

import re
from collections.abc import Callable
from typing import Any

import yaml

from chassis import BadRequest

MAX_DEPTH = 100
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
        node = yaml.compose(body.decode(), Loader=_Loader)
    except UnicodeDecodeError as exc:
        raise BadRequest("The body is not UTF-8.") from exc
    except yaml.YAMLError as exc:
        problem = getattr(exc, "problem", None) or getattr(exc, "reason", None) or "it cannot be read"
        raise BadRequest(f"Malformed YAML: {problem}{_place(getattr(exc, 'problem_mark', None))}.") from exc
    if node is None:
        raise BadRequest("The YAML has no document.")
    return _Reader().value(node)


def dump_yaml(value: Any) -> str:
    """Write a value in block style; JSON values come back as they are."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000)
    return text


class _Reader:
    def __init__(self) -> None:
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, depth: int = 0) -> Any:
        if id(node) in self._seen:
            raise _error(node, "an alias")
        self._seen.add(id(node))
        if depth > MAX_DEPTH:
            raise _error(node, "too deep a nesting")
        if node.tag == f"{_TAG}map" and isinstance(node, yaml.MappingNode):
            return self._object(node, depth)
        if node.tag == f"{_TAG}seq" and isinstance(node, yaml.SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        return _scalar(node)

    def _object(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for key, value in node.value:
            name = self.value(key, depth + 1)
            if not isinstance(name, str):
                raise _error(key, "a key that is no text")
            if name in members:
                raise _error(key, "a key that is there twice")
            members[name] = self.value(value, depth + 1)
        return members


def _scalar(node: yaml.Node) -> Any:
    kind, text = node.tag.removeprefix(_TAG), node.value
    if kind == "str" and isinstance(node, yaml.ScalarNode):
        return text
    if kind not in _SCALARS or not re.fullmatch(_SCALARS[kind][0], text):
        raise _error(node, "a tag that is not understood")
    try:
        return _VALUES[kind](text)
    except ValueError as exc:
        raise _error(node, "a number that is too large") from exc


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


def _error(node: yaml.Node, what: str) -> BadRequest:
    return BadRequest(f"The YAML has {what}{_place(node.start_mark)}.")


def _place(mark: Any) -> str:
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
