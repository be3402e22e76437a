import contextlib
import json
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis._json import dump_json, parse_json
from chassis._problem import BadRequest

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(10**60), max_value=10**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
MIB = 1024 * 1024


def refusal(body):
    with pytest.raises(BadRequest) as caught:
        parse_json(body)
    return caught.value.detail


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'"\xff"', "not UTF-8: byte 2"),
        (b'"\xed\xa0\x80"', "not UTF-8"),  # a surrogate in UTF-8 form
        ("{}".encode("utf-16"), "not UTF-8"),
        ("{}".encode("utf-16-le"), "Malformed"),
        (b"NaN", "NaN"),
        (b"[Infinity]", "Infinity"),
        (b"-Infinity", "-Infinity"),
        (b"1e999", "too large"),
        (b"-1e400", "too large"),
        (b"9" * 400 + b".0", "too large"),
        (b"[" + b"9" * 5000 + b"]", "too many digits"),
        (b'{"a":1,"b":2,"a":1}', 'the member "a" occurs twice'),
        (b'[{"x":{"a":1,"\\u0061":2}}]', 'the member "a" occurs twice'),
        (b'{"":1,"":2}', 'the member "" occurs twice'),
        (b'"\\ud800"', "line 1, column 2"),
        (b'["ok",\n "\\udfff"]', "line 2, column 3"),
        (b'{"\\uD83D":1}', "surrogate"),
        (b'"\\ud83d\\ud83d\\ude00"', "surrogate"),
        (b'"\\ude00\\ud83d"', "surrogate"),
        (b'"\\ud83d \\ude00"', "surrogate"),
        (b'"\\\\\\ud800"', "column 4"),
        (b"{'a':1}", "line 1, column 2"),
        (b"[1,]", "line 1, column"),
        (b'{"a":1,}', "Malformed"),
        (b'{\n"a" 1}', "line 2, column 5"),
        (b"[1 2]", "Malformed"),
        (b"{} {}", "Malformed"),
        (b"01", "Malformed"),
        (b"+1", "Malformed"),
        (b"1.", "Malformed"),
        (b".5", "Malformed"),
        (b"-", "Malformed"),
        (b"0x10", "Malformed"),
        (b"True", "Malformed"),
        (b"nul", "Malformed"),
        (b'"\x00"', "Malformed"),
        (b'"\n"', "Malformed"),
        (b'"\\x41"', "Malformed"),
        (b'"\\u12"', "Malformed"),
        (b'"\\u+123"', "Malformed"),
        (b'"open', "Malformed"),
        (b"// c\n1", "Malformed"),
        (b"\x0b1", "Malformed"),
        ("\u00a01".encode(), "Malformed"),
        ("\u0661".encode(), "Malformed"),  # an Arabic digit
        (b"[" * 513 + b"]" * 513, "deeper than 512"),
        (b'{"a":' * 513 + b"1" + b"}" * 513, "deeper than 512"),
        (b'[{"a":' * 257 + b"1" + b"}]" * 257, "deeper than 512"),
        (b"[" * 100_000, "deeper than 512"),
        (b'{"a":' * 100_000, "deeper than 512"),
        (b"[" * 100_000 + b"]" * 100_000, "deeper than 512"),
    ],
)
def test_refused_with_a_reason(body, words):
    assert words in refusal(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"null", None),
        (b" {}\n", {}),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\\\ud800"', "\\ud800"),
        (b'"\\ud83d\\ude00\\n\\\\udfff"', "\U0001f600\n\\udfff"),
        (b"18446744073709551617", 2**64 + 1),
        (b"-170141183460469231731687303715884105729", -(2**127) - 1),
        (b"1e308", 1e308),
        (b"1e-999", 0.0),
        (b"[1,1.0,true,1e2]", [1, 1.0, True, 100.0]),
        (b'{"a":{"a":{"a":1}},"A":2}', {"a": {"a": {"a": 1}}, "A": 2}),
        (b'"\x7f\\u0000"', "\x7f\x00"),
        ('"\ufeff"'.encode(), "\ufeff"),
        (b"[" + b"[]," * 2000 + b"0]", [[]] * 2000 + [0]),
    ],
)
def test_accepted(body, value):
    assert parse_json(body) == value


def test_integers_stay_integers():
    assert type(parse_json(b"9007199254740993")) is int
    assert type(parse_json(b"1.0")) is float


def test_deepest_nesting_comes_back():
    body = b"[" * 512 + b"]" * 512
    assert dump_json(parse_json(body)) == body


@given(VALUES)
def test_what_is_written_reads_back(value):
    try:
        body = dump_json(value)
    except UnicodeEncodeError:
        assert any("\ud800" <= letter <= "\udfff" for letter in json.dumps(value, ensure_ascii=False))
        return
    assert parse_json(body) == value


@given(st.binary(max_size=80) | st.text(alphabet='[]{}",:\\u0d89eE+-.tfnN ', max_size=60).map(str.encode))
def test_any_bytes_are_parsed_or_refused(body):
    try:
        value = parse_json(body)
    except BadRequest:
        return
    assert parse_json(dump_json(value)) == value


@given(st.text(alphabet='[]{}",:\\u0d8dceE+-.12 ', max_size=60))
def test_whatever_is_accepted_is_json_to_the_standard_parser(text):
    try:
        value = parse_json(text.encode())
    except BadRequest:
        return
    assert json.loads(text) == value


@pytest.mark.parametrize(
    "unit",
    [
        b"[",
        b'{"a":',
        b"9",
        b"9.",
        b'"\\ud83d\\ude00",',
        b"[],",
        b'{"a":1},',
        b"\\",
        b'"',
        b" ",
        b"-",
        b"1e5,",
        b"9" * 4300 + b",",
    ],
    ids=lambda unit: unit[:8].decode(),
)
def test_time_is_linear_in_a_hostile_body(unit):
    started = time.process_time()
    with contextlib.suppress(BadRequest):
        parse_json(b"[" + unit * (MIB // len(unit)) + b"0]")
    assert time.process_time() - started < 2


def test_finding_the_repeated_name_is_not_quadratic():
    body = b"{" + b",".join(b'"%d":0' % number for number in range(100_000)) + b',"99999":1}'
    started = time.process_time()
    assert '"99999"' in refusal(body)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ({"a": [1, "é"]}, '{"a":[1,"é"]}'),
        ([2**64, "é"], '[18446744073709551616,"é"]'),
        ({"n": -(2**70)}, '{"n":-1180591620717411303424}'),
    ],
)
def test_written_compactly(value, body):
    assert dump_json(value) == body.encode()


@pytest.mark.parametrize("value", ["\ud800", [2**70, math.nan], {1, 2}, [2**70, object()]])
def test_what_has_no_json_form_is_an_error(value):
    with pytest.raises((TypeError, ValueError)):
        dump_json(value)
