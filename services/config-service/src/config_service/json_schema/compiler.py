"""Compiling a JSON Schema: its resources, anchors and references, none of them outside the document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote, urljoin

from config_service.errors import escaped
from config_service.json_schema.applicators import APPLICATORS
from config_service.json_schema.assertions import ASSERTIONS
from config_service.json_schema.evaluation import KINDS, At, Check, Node, Run, Seen
from config_service.json_schema.patterns import search_of
from config_service.json_schema.place import Place

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_SCHEMAS, MAX_PATTERNS = 20_000, 100
IN_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
IN_OBJECTS = frozenset({"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"})
IN_PLACE = frozenset(
    {"additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames"}
    | {"then", "unevaluatedItems", "unevaluatedProperties"}
)


class Compiler:
    """Compiles one document.

    Args:
        document: an object or a boolean.
        pointer: to it in the request.

    Raises:
        InvalidSchema: it is no JSON Schema, or refers to what is not in it.
    """

    def __init__(self, document: Any, pointer: str = "") -> None:
        self._places: dict[int, Place] = {}
        self._nodes: dict[int, Node] = {}
        self._resources: dict[str, Any] = {"": document}
        self._anchors: dict[tuple[str, str], Any] = {}
        self._searches: dict[str, Callable[[str], bool]] = {}
        self._dynamic_nodes: dict[str, dict[str, Check]] = {}
        self.dynamic: dict[str, dict[str, Any]] = {}
        self._index(document, "", pointer)
        self.base = self._places[id(document)].base if isinstance(document, dict) else ""
        self.root = self.node(document, self.base)

    def node(self, schema: dict[str, Any] | bool, base: str) -> Check:
        """Return a schema compiled; one of another resource than `base` moves the dynamic scope there."""
        if isinstance(schema, bool):
            return _ANYTHING.apply if schema else _NOTHING.apply
        place = self._places[id(schema)]
        node = self._nodes.get(id(schema))
        if node is None:
            node = self._nodes[id(schema)] = Node()
            _fill(node, place)
        return node.apply if place.base == base else _entering(node.apply, place.base)

    def dynamic_nodes(self, name: str) -> dict[str, Check]:
        """Return the schemas of a dynamic anchor, by the resource that has it."""
        if name not in self._dynamic_nodes:
            nodes = self._dynamic_nodes[name] = {}
            for base, schema in self.dynamic[name].items():
                nodes[base] = _entering(self.node(schema, base), base)
        return self._dynamic_nodes[name]

    def search(self, pattern: str) -> Callable[[str], bool]:
        """Return a pattern compiled.

        Raises:
            ValueError: it is none, or there are too many.
        """
        if pattern not in self._searches:
            if len(self._searches) == MAX_PATTERNS:
                raise ValueError(f"a schema has at most {MAX_PATTERNS} different ones")
            self._searches[pattern] = search_of(pattern)
        return self._searches[pattern]

    def resolve(self, place: Place, keyword: str, reference: Any) -> tuple[Any, str, str]:
        """Find what a reference means: the schema, the URI of its resource, and the fragment.

        Raises:
            InvalidSchema: it is not in this document.
        """
        uri, _, fragment = place.text(keyword, reference).partition("#")
        uri, fragment = _joined(place, keyword, uri), unquote(fragment)
        if uri in self._resources and (fragment == "" or fragment.startswith("/")):
            found = self._walk(uri, fragment)
        else:
            found = self._anchors.get((uri, fragment))
        if not isinstance(found, dict | bool):
            raise place.refuse("It refers to no schema inside this one; nothing is fetched.", keyword)
        return found, uri, fragment

    def _walk(self, uri: str, fragment: str) -> Any:
        """Follow a JSON pointer; what it finds is a schema, wherever it is."""
        found, base = self._resources[uri], uri
        pointer = self._places[id(found)].pointer + fragment if isinstance(found, dict) else fragment
        for step in fragment.split("/")[1:]:
            if isinstance(found, dict) and id(found) in self._places:
                base = self._places[id(found)].base
            found = _member(found, step.replace("~1", "/").replace("~0", "~"))
        if isinstance(found, dict) and id(found) not in self._places:
            self._index(found, base, pointer)
        return found

    def _index(self, document: Any, base: str, pointer: str) -> None:
        """Find all schemas in a schema, and what they are called."""
        waiting = [(document, base, pointer)]
        while waiting:
            schema, base, pointer = waiting.pop()
            if isinstance(schema, dict):
                place = self._named(Place(self, schema, base, pointer))
                waiting += [(below, place.base, pointer + steps) for below, steps in _schemas_in(schema)]

    def _named(self, place: Place) -> Place:
        schema = place.schema
        if schema.get("$schema", DIALECT) not in (DIALECT, f"{DIALECT}#"):
            raise place.refuse(f"Only {DIALECT} is understood.", "$schema")
        if "$id" in schema:
            uri, _, fragment = place.text("$id", schema["$id"]).partition("#")
            if fragment:
                raise place.refuse("It must have no fragment.", "$id")
            place = Place(self, schema, _joined(place, "$id", uri), place.pointer)
            self._resources[place.base] = schema
        self._places[id(schema)] = place
        if len(self._places) > MAX_SCHEMAS:
            raise place.refuse(f"It has more than {MAX_SCHEMAS} schemas inside.")
        for keyword in {"$anchor", "$dynamicAnchor"} & schema.keys():
            name = place.text(keyword, schema[keyword])
            self._anchors[place.base, name] = schema
            if keyword == "$dynamicAnchor":
                self.dynamic.setdefault(name, {})[place.base] = schema
        return place


def _fill(node: Node, place: Place) -> None:
    keywords = sorted(place.schema, key=lambda keyword: keyword.startswith("unevaluated"))
    for keyword in keywords:
        factory = ASSERTIONS.get(keyword) or APPLICATORS.get(keyword)
        if factory is not None:
            for kinds, check in factory(place, keyword, place.schema[keyword]):
                node.add(kinds, check)
    node.watches = keywords[-1:] != [] and keywords[-1].startswith("unevaluated")


def _entering(node: Check, base: str) -> Check:
    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        run.scope.append(base)
        fits = node(value, at, run, seen)
        run.scope.pop()
        return fits

    return check


def _schemas_in(schema: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    """Go through the schemas directly inside one, with the pointers to them from there."""
    for keyword, value in schema.items():
        if keyword in IN_PLACE:
            yield value, f"/{keyword}"
        elif keyword in IN_LISTS and isinstance(value, list):
            yield from ((item, f"/{keyword}/{number}") for number, item in enumerate(value))
        elif keyword in IN_OBJECTS and isinstance(value, dict):
            yield from ((item, f"/{keyword}/{escaped(name)}") for name, item in value.items())


def _joined(place: Place, keyword: str, uri: str) -> str:
    if not uri:
        return place.base
    try:
        return urljoin(place.base, uri)
    except ValueError as exc:
        raise place.refuse("It is no URI reference.", keyword) from exc


def _member(value: Any, step: str) -> Any:
    if isinstance(value, list):
        return value[int(step)] if step.isascii() and step.isdecimal() and int(step) < len(value) else None
    return value.get(step) if isinstance(value, dict) else None


def _refuse(_value: Any, at: At, run: Run, _seen: Seen | None) -> bool:
    return run.fail(at, "Nothing is allowed here.")


_ANYTHING, _NOTHING = Node(), Node()
_NOTHING.add(KINDS, _refuse)
