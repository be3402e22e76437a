import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import BadRequest, dump_json, parse_json
from config_service.diff import diff
from config_service.errors import InvalidPatch, MetadataTooLarge, PatchConflict
from config_service.json_patch import apply_json_patch

NAMES = st.sampled_from(["a", "b", "~/", ""])
VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, "", "a"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=3),
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=3)
DOCUMENT = {"a": 1, "b": {"c": [1, 2]}, "t": "text"}


# RFC 6902, appendix A, and its sections 4.1 to 4.6
@pytest.mark.parametrize(
    ("document", "operation", "result"),
    [
        ({"foo": "bar"}, {"op": "add", "path": "/baz", "value": "qux"}, {"baz": "qux", "foo": "bar"}),
        (
            {"foo": ["bar", "baz"]},
            {"op": "add", "path": "/foo/1", "value": "qux"},
            {"foo": ["bar", "qux", "baz"]},
        ),
        ({"baz": "qux", "foo": "bar"}, {"op": "remove", "path": "/baz"}, {"foo": "bar"}),
        ({"foo": ["bar", "qux", "baz"]}, {"op": "remove", "path": "/foo/1"}, {"foo": ["bar", "baz"]}),
        ({"baz": "qux"}, {"op": "replace", "path": "/baz", "value": "boo"}, {"baz": "boo"}),
        ({"a": {"b": 1}, "c": {}}, {"op": "move", "from": "/a/b", "path": "/c/d"}, {"a": {}, "c": {"d": 1}}),
        ({"foo": [1, 2, 3]}, {"op": "move", "from": "/foo/0", "path": "/foo/2"}, {"foo": [2, 3, 1]}),
        ({"a": {"b": 1}}, {"op": "copy", "from": "/a", "path": "/c"}, {"a": {"b": 1}, "c": {"b": 1}}),
        ({"baz": "qux"}, {"op": "test", "path": "/baz", "value": "qux"}, {"baz": "qux"}),
        ({"a": 1}, {"op": "test", "path": "/a", "value": 1.0}, {"a": 1}),
        ({"foo": "bar"}, {"op": "add", "path": "/c", "value": {"g": {}}}, {"foo": "bar", "c": {"g": {}}}),
        ({"foo": "bar"}, {"op": "add", "path": "/baz", "value": 1, "xyz": 1}, {"foo": "bar", "baz": 1}),
        ({"/": 9, "~1": 10}, {"op": "test", "path": "/~01", "value": 10}, {"/": 9, "~1": 10}),
        ({"foo": ["bar"]}, {"op": "add", "path": "/foo/-", "value": ["x"]}, {"foo": ["bar", ["x"]]}),
        ({"a": 1}, {"op": "replace", "path": "", "value": {"b": 2}}, {"b": 2}),
        ({"a": 1}, {"op": "add", "path": "/", "value": 2}, {"a": 1, "": 2}),
    ],
)
def test_operations_do_what_the_rfc_says(document: Any, operation: dict[str, Any], result: Any) -> None:
    assert apply_json_patch(document, [operation]) == result


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/a", "value": 2},
        {"op": "test", "path": "/a", "value": "1"},
        {"op": "test", "path": "/a", "value": True},
        {"op": "test", "path": "/unknown", "value": None},
        {"op": "remove", "path": "/unknown"},
        {"op": "remove", "path": ""},
        {"op": "remove", "path": "/b/c/2"},
        {"op": "remove", "path": "/b/c/-"},
        {"op": "remove", "path": "/b/c/-1"},
        {"op": "remove", "path": "/b/c/00"},
        {"op": "replace", "path": "/unknown", "value": 1},
        {"op": "replace", "path": "/b/c/x", "value": 1},
        {"op": "add", "path": "/b/c/3", "value": 1},
        {"op": "add", "path": "/unknown/x", "value": 1},
        {"op": "add", "path": "/t/0", "value": 1},
        {"op": "move", "from": "/unknown", "path": "/a"},
        {"op": "move", "from": "/b", "path": "/b/c"},
        {"op": "copy", "from": "/unknown", "path": "/a"},
    ],
)
def test_operation_that_does_not_fit_is_a_conflict(operation: dict[str, Any]) -> None:
    with pytest.raises(PatchConflict) as caught:
        apply_json_patch(DOCUMENT, [{"op": "test", "path": "/a", "value": 1}, operation])

    assert [error.pointer for error in caught.value.errors] == ["/1"]


@pytest.mark.parametrize(
    "operation",
    [
        None,
        "add",
        [],
        {},
        {"path": "/a"},
        {"op": "add"},
        {"op": "add", "path": "/a"},
        {"op": "ADD", "path": "/a", "value": 1},
        {"op": ["add"], "path": "/a", "value": 1},
        {"op": None, "path": "/a"},
        {"op": "add", "path": "a", "value": 1},
        {"op": "add", "path": "/a~2", "value": 1},
        {"op": "add", "path": 1, "value": 1},
        {"op": "add", "path": None, "value": 1},
        {"op": "move", "path": "/a"},
        {"op": "copy", "from": 1, "path": "/a"},
        {"op": "copy", "from": "a", "path": "/a"},
        {"op": "test", "path": "/a"},
    ],
)
def test_operation_that_is_none_is_invalid(operation: Any) -> None:
    with pytest.raises(InvalidPatch) as caught:
        apply_json_patch(DOCUMENT, [operation])

    assert [error.pointer for error in caught.value.errors] == ["/0"]


@pytest.mark.parametrize("patch", [None, {}, "[]", 1])
def test_patch_that_is_no_array_is_malformed(patch: Any) -> None:
    with pytest.raises(BadRequest):
        apply_json_patch(DOCUMENT, patch)


def test_copies_of_copies_end() -> None:
    bomb = [{"op": "copy", "from": "", "path": "/b/c/-"}] * 100

    with pytest.raises((MetadataTooLarge, InvalidPatch)):
        apply_json_patch(DOCUMENT, bomb)


def test_nesting_ends() -> None:
    twice_as_deep = [{"op": "copy", "from": "", "path": "/a" * 2**power} for power in range(11)]

    with pytest.raises(InvalidPatch):
        apply_json_patch({}, [*twice_as_deep, {"op": "copy", "from": "/a", "path": "/b"}])


def test_too_many_operations_are_invalid() -> None:
    with pytest.raises(InvalidPatch):
        apply_json_patch({}, [{"op": "test", "path": "", "value": {}}] * 10_001)


@given(OBJECTS, OBJECTS)
def test_difference_leads_from_one_to_the_other(old: dict[str, Any], new: dict[str, Any]) -> None:
    before = copy.deepcopy((old, new))
    patch = parse_json(dump_json(diff(old, new)))

    result = apply_json_patch(old, patch)

    assert dump_json(_sorted(result)) == dump_json(_sorted(new))
    assert (old, new) == before
    assert diff(new, result) == []


@given(OBJECTS)
def test_patch_stays_as_it_was(value: dict[str, Any]) -> None:
    patch = [{"op": "add", "path": "/x", "value": value}, {"op": "add", "path": "/x/y", "value": [1]}]
    before = copy.deepcopy(patch)

    assert apply_json_patch({}, patch) == {"x": {**value, "y": [1]}}
    assert patch == before


def test_insertion_is_one_operation() -> None:
    assert diff({"a": [1, 2, 3]}, {"a": [1, {}, 2, 3]}) == [{"op": "add", "path": "/a/1", "value": {}}]
    assert diff({"a": [1, 2, 3]}, {"a": [2, 3]}) == [{"op": "remove", "path": "/a/0"}]


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
