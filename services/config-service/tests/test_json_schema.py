"""JSON Schema 2020-12 by keyword; with CONFIG_TEST_JSON_SCHEMA_SUITE, its folder, the official suite too."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import UnprocessableContent
from config_service.json_schema import Work, check_schema_itself, faults

SUITE = os.environ.get("CONFIG_TEST_JSON_SCHEMA_SUITE")  # noqa: TID251 only tests read this
TREE = {"properties": {"leaf": {"type": "integer"}, "below": {"$ref": "#"}}, "additionalProperties": False}
STRICT_TREE = {
    "$id": "https://example.test/strict",
    "$dynamicAnchor": "node",
    "$ref": "tree",
    "unevaluatedProperties": False,
    "$defs": {
        "tree": {
            "$id": "tree",
            "$dynamicAnchor": "node",
            "properties": {"name": True, "below": {"items": {"$dynamicRef": "#node"}}},
        }
    },
}


ANNOTATIONS = {  # they say something, and refuse nothing
    "$comment": "text",
    "$vocabulary": {"https://json-schema.org/draft/2020-12/vocab/core": True},
    "contentEncoding": "base64",
    "contentMediaType": "application/json",
    "contentSchema": False,
    "default": [],
    "examples": [True],
    "readOnly": True,
}


def reasons(schema: Any, value: Any) -> list[str]:
    check_schema_itself(schema)
    return [fault.pointer for fault in faults(json.dumps(schema), value, "")]


@pytest.mark.parametrize(
    ("schema", "fitting", "others"),
    [
        (True, [1, None, {}], []),
        (False, [], [1, None, {}]),
        ({}, [1, None, {}], []),
        (ANNOTATIONS, [1, "{", None], []),
        ({"type": "integer"}, [1, 1.0, -(2**70)], [1.5, True, "1", None]),
        ({"type": "number"}, [1, 1.5], [False, "1"]),
        ({"type": ["null", "boolean"]}, [None, True], [0, ""]),
        ({"enum": [1, "a", [True], {"x": 1.0}]}, [1.0, "a", [True], {"x": 1}], [True, "1", [1], {}]),
        ({"const": False}, [False], [0, None]),
        ({"multipleOf": 0.01}, [0.07, 19.99, 3, "x"], [0.075]),
        ({"minimum": 1, "exclusiveMaximum": 3}, [1, 2.9, "9"], [0.9, 3]),
        ({"exclusiveMinimum": 1, "maximum": 3}, [1.1, 3], [1, 3.1]),
        ({"minLength": 2, "maxLength": 3}, ["ab", "üüü", "\U0001f600\U0001f600", 5], ["a", "abcd"]),
        ({"pattern": r"^\u00fc\d+$"}, ["ü1", 1], ["u1", "ü", "ü1\n", "ü\u0664"]),
        ({"minItems": 1, "maxItems": 2, "uniqueItems": True}, [[1], [1, True]], [[], [1, 1.0], [1, 2, 3]]),
        ({"minProperties": 1, "maxProperties": 1}, [{"a": 1}, []], [{}, {"a": 1, "b": 2}]),
        ({"required": ["a"], "dependentRequired": {"b": ["c"]}}, [{"a": 1}, 1], [{}, {"a": 1, "b": 1}]),
        ({"prefixItems": [{"type": "null"}], "items": {"type": "string"}}, [[], [None, "a"]], [["a"]]),
        ({"contains": {"const": 1}, "maxContains": 2}, [[1], [0, 1, 1]], [[], [0], [1, 1, 1]]),
        ({"contains": {"const": 1}, "minContains": 0}, [[], [0]], []),
        ({"patternProperties": {"^x": {"type": "null"}}}, [{"x": None, "y": 1}], [{"x": 1}]),
        (
            {"properties": {"a": {}}, "patternProperties": {"^x": {}}, "additionalProperties": False},
            [{"a": 1, "xy": 1}],
            [{"b": 1}],
        ),
        ({"propertyNames": {"maxLength": 1}}, [{"a": 1}], [{"ab": 1}]),
        ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, [1, 2], [0, 3]),
        ({"anyOf": [{"minimum": 3}, {"maximum": 1}]}, [0, 4], [2]),
        ({"oneOf": [{"minimum": 1}, {"maximum": 2}]}, [0, 3], [1]),
        ({"not": {"type": "null"}}, [1], [None]),
        (
            {"if": {"minimum": 10}, "then": {"multipleOf": 10}, "else": {"multipleOf": 2}},
            [20, 4],
            [11, 3],
        ),
        ({"dependentSchemas": {"a": {"required": ["b"]}}}, [{}, {"a": 1, "b": 1}], [{"a": 1}]),
        (TREE, [{"leaf": 1, "below": {"below": {}}}], [{"below": {"leaf": "x"}}, {"below": {"lief": 1}}]),
        (
            {
                "allOf": [{"properties": {"a": {}}}],
                "anyOf": [{"required": ["b"], "properties": {"b": {}}}, {}],
                "unevaluatedProperties": False,
            },
            [{"a": 1}, {"a": 1, "b": 1}],
            [{"c": 1}],
        ),
        (
            {"prefixItems": [True], "contains": {"type": "string"}, "unevaluatedItems": {"type": "null"}},
            [[1, "a", None]],
            [[1, "a", 2]],
        ),
        (
            {
                "$id": "https://example.test/a",
                "$ref": "b#/$defs/x",
                "$defs": {"b": {"$id": "b", "$defs": {"x": False}}},
            },
            [],
            [1],
        ),
        (
            {"$anchor": "here", "properties": {"a": {"$ref": "#here"}}, "maxProperties": 1},
            [{"a": {}}],
            [{"a": {"a": 1, "b": 1}}],
        ),
        (STRICT_TREE, [{"below": [{"name": 1}]}], [{"below": [{"nome": 1}]}, {"nome": 1}]),
        ({"format": "email", "title": "t", "examples": [1], "x-own": {"type": 1}}, ["no address"], []),
    ],
)  # fmt: skip
def test_keyword_fits_what_it_says(schema: Any, fitting: list[Any], others: list[Any]) -> None:
    assert [reasons(schema, value) for value in fitting] == [[]] * len(fitting)
    assert all(reasons(schema, value) for value in others)


@pytest.mark.parametrize(
    ("schema", "pointers"),
    [
        ({"properties": {"a/b": {"items": {"type": "null"}}}}, ["/a~1b/0", "/a~1b/1"]),
        ({"required": ["x", "y"]}, ["", ""]),
        ({"anyOf": [{"required": ["x"]}, {"properties": {"a/b": False}}]}, [""]),
        ({"propertyNames": {"maxLength": 1}}, ["/a~1b"]),
        ({"allOf": [{"properties": {"a/b": {"minItems": 3}}}, {"minProperties": 2}]}, ["/a~1b", ""]),
    ],
)
def test_faults_say_where(schema: Any, pointers: list[str]) -> None:
    assert reasons(schema, {"a/b": [1, 2]}) == pointers


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": []}, "/type"),
        ({"required": ["a", "a"]}, "/required"),
        ({"minLength": -1}, "/minLength"),
        ({"minLength": True}, "/minLength"),
        ({"multipleOf": 0}, "/multipleOf"),
        ({"properties": []}, "/properties"),
        ({"$defs": {"x": {"items": 1}}}, "/$defs/x/items"),
        ({"anyOf": []}, "/anyOf"),
        ({"if": {}, "then": {"enum": 1}}, "/then/enum"),
        ({"then": {"enum": 1}}, "/then/enum"),
        ({"uniqueItems": 1}, "/uniqueItems"),
        ({"patternProperties": {"(": {}}}, "/patternProperties/("),
        ({"dependentRequired": {"a": "b"}}, "/dependentRequired/a"),
        ({"title": 1}, "/title"),
        ({"$id": "a#b"}, "/$id"),
        ({"$id": "http://a.test", "$ref": "http://["}, "/$ref"),
        ({"$anchor": 1}, "/$anchor"),
        ({"$ref": "#/title", "title": "x"}, "/$ref"),
        ({"$dynamicRef": "#absent"}, "/$dynamicRef"),
        ({"items": {"$schema": "http://json-schema.org/draft-07/schema#"}}, "/items/$schema"),
        ({"allOf": [{} for _ in range(20_000)]}, "/allOf/0"),
        ({"patternProperties": {f"^{n}$": True for n in range(101)}}, "/patternProperties/^100$"),
        ({"pattern": "(a{1000}){1000}"}, "/pattern"),
    ],
)  # fmt: skip
def test_what_is_no_schema_is_told_by_pointer(schema: Any, pointer: str) -> None:
    with pytest.raises(UnprocessableContent) as caught:
        check_schema_itself(schema)
    assert [error.pointer for error in caught.value.errors] == [pointer]


def test_schema_that_nests_too_deep_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(2000):
        schema = {"not": schema}
    with pytest.raises(UnprocessableContent):
        check_schema_itself(schema)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"oneOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}]}, json.loads("[" * 60 + "]" * 60)),
        ({"allOf": [{"uniqueItems": True}] * 10_000}, list(range(100_000))),
        ({"items": {"required": [f"p{n}" for n in range(10_000)]}, "minItems": 1}, [{}] * 100_000),
        (
            {"patternProperties": {f"(a|b)*{n}$": {} for n in range(90)}},
            {f"{n}" * 20: 1 for n in range(9999)},
        ),
    ],
)
def test_check_that_takes_too_long_is_broken_off(schema: Any, value: Any) -> None:
    assert reasons(schema, value)


def test_write_of_many_documents_shares_its_work() -> None:
    schema, work = json.dumps({"items": True}), Work()
    work.left = 25

    found = [faults(schema, [1] * 10, "", work) for _ in range(4)]

    assert [bool(errors) for errors in found] == [False, False, True, True]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_value_is_its_own_constant(value: Any) -> None:
    value = json.loads(
        json.dumps(value).replace("NaN", "0").replace("-Infinity", "0").replace("Infinity", "0")
    )

    assert reasons({"const": value}, value) == reasons({"enum": [value]}, value) == []
    assert reasons({"not": {"const": value}}, value) == [""]


@pytest.mark.skipif(SUITE is None, reason="CONFIG_TEST_JSON_SCHEMA_SUITE names no folder")
def test_official_suite() -> None:
    wrong = []
    for file in sorted(Path(SUITE or "").glob("*.json")):
        for case in json.loads(file.read_text()):
            try:
                check_schema_itself(case["schema"])
            except UnprocessableContent:
                text = json.dumps(case["schema"])
                assert "http" in text, case["description"]  # refers to another document
                continue
            for test in case["tests"]:
                if bool(faults(json.dumps(case["schema"]), test["data"])) is test["valid"]:
                    wrong.append((file.name, case["description"], test["description"]))
    assert wrong == []
