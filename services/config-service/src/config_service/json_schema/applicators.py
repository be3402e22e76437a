"""The keywords that apply schemas, to the same value or to what is inside it (core §8, §10, §11)."""

from typing import Any

from config_service.json_schema.assertions import CHARACTERS, NAMES, Checks, Factory
from config_service.json_schema.evaluation import KINDS, At, Check, Run, Seen, all_fit, inside, quietly
from config_service.json_schema.place import Place

NO_CHECKS: Checks = ()


def _definitions(place: Place, keyword: str, value: Any) -> Checks:
    place.nodes(keyword, value)
    return NO_CHECKS


def _described(place: Place, keyword: str, value: Any) -> Checks:
    place.node(value, keyword)
    return NO_CHECKS


def _ref(place: Place, keyword: str, value: Any) -> Checks:
    schema, _, _ = place.compiler.resolve(place, keyword, value)
    yield KINDS, _same_value(place.node(schema))


def _dynamic_ref(place: Place, keyword: str, value: Any) -> Checks:
    compiler = place.compiler
    schema, uri, name = compiler.resolve(place, keyword, value)
    if uri not in compiler.dynamic.get(name, ()):
        yield KINDS, _same_value(place.node(schema))
        return
    meant = compiler.dynamic_nodes(name)

    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        outermost = next(base for base in [*run.scope, uri] if base in meant)
        return inside(meant[outermost], value, at, run, seen)

    yield KINDS, check


def _same_value(node: Check) -> Check:
    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        return node(value, at, run, None) if seen is None else inside(node, value, at, run, seen)

    return check


def _all_of(place: Place, keyword: str, value: Any) -> Checks:
    yield from ((KINDS, _same_value(node)) for node in place.node_list(keyword, value))


def _any_of(place: Place, keyword: str, value: Any) -> Checks:
    nodes = place.node_list(keyword, value)

    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        fits = False
        for node in nodes:
            if quietly(node, value, at, run, seen):
                fits = True
                if seen is None:
                    break
        return fits or run.fail(at, "It fits none of the alternatives of anyOf.")

    yield KINDS, check


def _one_of(place: Place, keyword: str, value: Any) -> Checks:
    nodes = place.node_list(keyword, value)

    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        fitting = 0
        for node in nodes:
            fitting += quietly(node, value, at, run, seen)
            if fitting > 1:
                return run.fail(at, "It fits more than one of the alternatives of oneOf.")
        return fitting == 1 or run.fail(at, "It fits none of the alternatives of oneOf.")

    yield KINDS, check


def _not(place: Place, keyword: str, value: Any) -> Checks:
    node = place.node(value, keyword)

    def check(value: Any, at: At, run: Run, _seen: Seen | None) -> bool:
        return not quietly(node, value, at, run, None) or run.fail(at, "It fits what is excluded.")

    yield KINDS, check


def _if(place: Place, keyword: str, value: Any) -> Checks:
    condition = place.node(value, keyword)
    then, otherwise = (place.node(place.schema.get(word, True), word) for word in ("then", "else"))

    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        holds = quietly(condition, value, at, run, seen)
        return inside(then if holds else otherwise, value, at, run, seen)

    yield KINDS, check


def _dependent_schemas(place: Place, keyword: str, value: Any) -> Checks:
    nodes = place.nodes(keyword, value)

    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        run.spend(len(nodes) // NAMES)
        fits = True
        for name, node in nodes.items():
            if name in value:
                fits = inside(node, value, at, run, seen) and fits
        return fits

    yield (dict,), check


def _properties(place: Place, keyword: str, value: Any) -> Checks:
    nodes = place.nodes(keyword, value)

    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        run.spend(len(nodes) // NAMES)
        if seen is not None:
            seen.names.update(name for name in nodes if name in value)
        children = ((node, value[name], (at, name)) for name, node in nodes.items() if name in value)
        return all_fit(children, run)

    yield (dict,), check


def _pattern_properties(place: Place, keyword: str, value: Any) -> Checks:
    nodes = place.nodes(keyword, value)
    searches = [(place.search(pattern, keyword, pattern), node) for pattern, node in nodes.items()]

    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        run.spend(_length(value) * len(searches) // CHARACTERS)
        found = [(name, node) for name in value for search, node in searches if search(name)]
        if seen is not None:
            seen.names.update(name for name, _ in found)
        return all_fit(((node, value[name], (at, name)) for name, node in found), run)

    yield (dict,), check


def _additional_properties(place: Place, keyword: str, value: Any) -> Checks:
    node = place.node(value, keyword)
    known = place.object("properties", place.schema.get("properties", {}))
    patterns = place.object("patternProperties", place.schema.get("patternProperties", {}))
    searches = [place.search(pattern, "patternProperties", pattern) for pattern in patterns]

    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        run.spend(len(value) // NAMES + _length(value) * len(searches) // CHARACTERS)
        more = [name for name in value if name not in known and not any(s(name) for s in searches)]
        if seen is not None:
            seen.names.update(more)
        return all_fit(((node, value[name], (at, name)) for name in more), run)

    yield (dict,), check


def _property_names(place: Place, keyword: str, value: Any) -> Checks:
    node = place.node(value, keyword)

    def check(value: Any, at: At, run: Run, _seen: Seen | None) -> bool:
        return all_fit(((node, name, (at, name)) for name in value), run)

    yield (dict,), check


def _unevaluated_properties(place: Place, keyword: str, value: Any) -> Checks:
    node = place.node(value, keyword)

    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        run.spend(len(value) // NAMES)
        looked_at = seen or Seen()
        more = [name for name in value if name not in looked_at.names]
        looked_at.names.update(more)
        return all_fit(((node, value[name], (at, name)) for name in more), run)

    yield (dict,), check


def _prefix_items(place: Place, keyword: str, value: Any) -> Checks:
    nodes = place.node_list(keyword, value)

    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        if seen is not None:
            seen.items.update(range(min(len(nodes), len(value))))
        pairs = enumerate(zip(nodes, value, strict=False))
        return all_fit(((node, item, (at, number)) for number, (node, item) in pairs), run)

    yield (list,), check


def _items(place: Place, keyword: str, value: Any) -> Checks:
    node = place.node(value, keyword)
    prefix = place.schema.get("prefixItems", ())
    start = len(prefix) if isinstance(prefix, list) else 0

    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        rest = range(start, len(value))
        if seen is not None:
            seen.items.update(rest)
        return all_fit(((node, value[number], (at, number)) for number in rest), run)

    yield (list,), check


def _contains(place: Place, keyword: str, value: Any) -> Checks:
    node = place.node(value, keyword)
    least = place.natural("minContains", place.schema.get("minContains", 1))
    most = (
        place.natural("maxContains", place.schema["maxContains"]) if "maxContains" in place.schema else None
    )

    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        found = [n for n, item in enumerate(value) if quietly(node, item, (at, n), run, None)]
        if seen is not None:
            seen.items.update(found)
        if len(found) < least:
            return run.fail(at, f"Of its items {least} must fit contains.")
        return most is None or len(found) <= most or run.fail(at, f"Of its items {most} may fit contains.")

    yield (list,), check


def _count(place: Place, keyword: str, value: Any) -> Checks:
    place.natural(keyword, value)
    return NO_CHECKS


def _unevaluated_items(place: Place, keyword: str, value: Any) -> Checks:
    node = place.node(value, keyword)

    def check(value: Any, at: At, run: Run, seen: Seen | None) -> bool:
        run.spend(len(value) // NAMES)
        looked_at = seen or Seen()
        rest = [number for number in range(len(value)) if number not in looked_at.items]
        looked_at.items.update(rest)
        return all_fit(((node, value[number], (at, number)) for number in rest), run)

    yield (list,), check


def _length(members: dict[str, Any]) -> int:
    return sum(map(len, members))


APPLICATORS: dict[str, Factory] = {
    **dict.fromkeys(("$defs", "definitions"), _definitions),
    **dict.fromkeys(("contentSchema", "then", "else"), _described),
    "$ref": _ref,
    "$dynamicRef": _dynamic_ref,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
    "dependentSchemas": _dependent_schemas,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "propertyNames": _property_names,
    "unevaluatedProperties": _unevaluated_properties,
    "prefixItems": _prefix_items,
    "items": _items,
    "contains": _contains,
    **dict.fromkeys(("minContains", "maxContains"), _count),
    "unevaluatedItems": _unevaluated_items,
}
