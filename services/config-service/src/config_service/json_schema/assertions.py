"""The keywords that look at a value as a whole (JSON Schema 2020-12, validation §6)."""

import operator
from collections.abc import Callable, Collection, Iterable
from fractions import Fraction
from typing import Any

from config_service.json_schema.evaluation import KINDS, NUMBERS, At, Check, Run, Seen
from config_service.json_schema.place import Place, is_number

Checks = Iterable[tuple[Iterable[type], Check]]
Factory = Callable[[Place, str, Any], Checks]

CHARACTERS = 50  # of a text that a pattern looks at in a step
NAMES = 10  # that are looked up in a step
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": NUMBERS,
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
BOUNDS: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
    "minimum": (operator.ge, "It must not be less than"),
    "maximum": (operator.le, "It must not be greater than"),
    "exclusiveMinimum": (operator.gt, "It must be greater than"),
    "exclusiveMaximum": (operator.lt, "It must be less than"),
}
SIZES: dict[str, tuple[type, Callable[[Any, Any], bool], str]] = {
    "minLength": (str, operator.ge, "The fewest characters allowed are"),
    "maxLength": (str, operator.le, "The most characters allowed are"),
    "minItems": (list, operator.ge, "The fewest items allowed are"),
    "maxItems": (list, operator.le, "The most items allowed are"),
    "minProperties": (dict, operator.ge, "The fewest members allowed are"),
    "maxProperties": (dict, operator.le, "The most members allowed are"),
}


def key_of(value: Any, run: Run | None = None) -> Any:
    """Return what is equal for equal JSON values only: 1 is 1.0, and neither is true."""
    if isinstance(value, list | dict):
        if run is not None:
            run.spend(len(value))
        if isinstance(value, dict):
            return frozenset((name, key_of(member, run)) for name, member in value.items())
        return ("array", *(key_of(item, run) for item in value))
    if is_number(value):  # as text: equal hashes cannot be made up
        return ("number", str(int(value)) if value == int(value) else repr(value))
    return value


def _type(place: Place, keyword: str, value: Any) -> Checks:
    names = [value] if isinstance(value, str) else place.texts(value, keyword)
    if not names or not TYPES.keys() >= set(names):
        raise place.refuse(f"It must name types: {', '.join(TYPES)}.", keyword)
    detail = f"It must be of type {' or '.join(names)}."
    allowed = {kind for name in names for kind in TYPES[name]}

    def refuse(_value: Any, at: At, run: Run, _seen: Seen | None) -> bool:
        return run.fail(at, detail)

    def whole(value: Any, at: At, run: Run, _seen: Seen | None) -> bool:
        return value.is_integer() or run.fail(at, detail)

    if int in allowed and float not in allowed:
        allowed.add(float)
        yield (float,), whole
    yield [kind for kind in KINDS if kind not in allowed], refuse


def _enum(place: Place, keyword: str, value: Any) -> Checks:
    if not isinstance(value, list):
        raise place.refuse("It must be an array.", keyword)
    keys = frozenset(map(key_of, value))

    def check(value: Any, at: At, run: Run, _seen: Seen | None) -> bool:
        return key_of(value, run) in keys or run.fail(at, "It is none of the values allowed.")

    yield KINDS, check


def _const(_place: Place, _keyword: str, value: Any) -> Checks:
    key = key_of(value)

    def check(value: Any, at: At, run: Run, _seen: Seen | None) -> bool:
        return key_of(value, run) == key or run.fail(at, "It is not the one value allowed.")

    yield KINDS, check


def _bound(place: Place, keyword: str, value: Any) -> Checks:
    limit = place.number(keyword, value)
    holds, words = BOUNDS[keyword]

    def check(value: Any, at: At, run: Run, _seen: Seen | None) -> bool:
        return holds(value, limit) or run.fail(at, f"{words} {limit}.")

    yield NUMBERS, check


def _size(place: Place, keyword: str, value: Any) -> Checks:
    limit = place.natural(keyword, value)
    kind, holds, words = SIZES[keyword]

    def check(value: Any, at: At, run: Run, _seen: Seen | None) -> bool:
        return holds(len(value), limit) or run.fail(at, f"{words} {limit}.")

    yield (kind,), check


def _multiple_of(place: Place, keyword: str, value: Any) -> Checks:
    unit = place.number(keyword, value)
    if unit <= 0:
        raise place.refuse("It must be greater than 0.", keyword)
    exact = Fraction(str(unit))  # the decimal that was written, not the binary number beside it

    def check(value: Any, at: At, run: Run, _seen: Seen | None) -> bool:
        return Fraction(str(value)) % exact == 0 or run.fail(at, f"It must be a multiple of {unit}.")

    yield NUMBERS, check


def _pattern(place: Place, keyword: str, value: Any) -> Checks:
    search = place.search(place.text(keyword, value), keyword)

    def check(value: Any, at: At, run: Run, _seen: Seen | None) -> bool:
        run.spend(len(value) // CHARACTERS)
        return search(value) or run.fail(at, "It does not match the pattern.")

    yield (str,), check


def _unique_items(place: Place, keyword: str, value: Any) -> Checks:
    def check(value: Any, at: At, run: Run, _seen: Seen | None) -> bool:
        run.spend(len(value))
        return len({key_of(item, run) for item in value}) == len(value) or run.fail(
            at, "Its items must differ."
        )

    if place.boolean(keyword, value):
        yield (list,), check


def _required(place: Place, keyword: str, value: Any) -> Checks:
    names = place.texts(value, keyword)

    def check(value: Any, at: At, run: Run, _seen: Seen | None) -> bool:
        return _has(value, names, at, run)

    yield (dict,), check


def _dependent_required(place: Place, keyword: str, value: Any) -> Checks:
    members = place.object(keyword, value).items()
    wanted = {name: place.texts(names, keyword, name) for name, names in members}

    def check(value: Any, at: At, run: Run, _seen: Seen | None) -> bool:
        run.spend(len(wanted) // NAMES)
        names = dict.fromkeys(other for name in wanted if name in value for other in wanted[name])
        return _has(value, names, at, run)

    yield (dict,), check


def _has(value: dict[str, Any], names: Collection[str], at: At, run: Run) -> bool:
    run.spend(len(names) // NAMES)
    missing = [name for name in names if name not in value]
    for name in missing:
        run.fail(at, f"It lacks the member {name}.")
    return not missing


def _text(place: Place, keyword: str, value: Any) -> Checks:
    place.text(keyword, value)
    return ()


def _boolean(place: Place, keyword: str, value: Any) -> Checks:
    place.boolean(keyword, value)
    return ()


ASSERTIONS: dict[str, Factory] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "multipleOf": _multiple_of,
    "pattern": _pattern,
    "uniqueItems": _unique_items,
    "required": _required,
    "dependentRequired": _dependent_required,
    **dict.fromkeys(BOUNDS, _bound),
    **dict.fromkeys(SIZES, _size),
    **dict.fromkeys(("$comment", "contentEncoding", "contentMediaType"), _text),
    **dict.fromkeys(("description", "format", "title"), _text),
    **dict.fromkeys(("deprecated", "readOnly", "writeOnly"), _boolean),
}
