import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis._media_type import MediaType, parse_media_type


@pytest.mark.parametrize(
    ("header", "essence", "parameters"),
    [
        ("application/json", "application/json", {}),
        (" Application/JSON\t", "application/json", {}),
        ("application/merge-patch+json", "application/merge-patch+json", {}),
        ("text/html;charset=utf-8", "text/html", {"charset": "utf-8"}),
        ('text/html ; Charset="UTF-8" ', "text/html", {"charset": "UTF-8"}),
        ('a/b; x="a\\"; y=1"; z=2', "a/b", {"x": 'a"; y=1', "z": "2"}),
        ("a/b;", "a/b", {}),
        ("a/b;;x=1;", "a/b", {"x": "1"}),
        ('a/b;x=""', "a/b", {"x": ""}),
        ("multipart/form-data; boundary=----a", "multipart/form-data", {"boundary": "----a"}),
    ],
)
def test_parsed(header, essence, parameters):
    assert parse_media_type(header) == MediaType(essence, parameters)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        " ",
        "json",
        "application/",
        "/json",
        "application/json/x",
        "application /json",
        "application/ json",
        "application/json, text/html",
        "application/json charset=utf-8",
        "a/b;x",
        "a/b;x=",
        "a/b; x =1",
        "a/b;x= 1",
        'a/b;x="open',
        'a/b;x="1"2',
        "a/b;x=1;X=2",
        "a/b\r\nX: y",
        "a/b\x00",
        "é/b",
        "a/b;x=é",
        "*/*;@",
    ],
)
def test_malformed_is_none(header):
    assert parse_media_type(header) is None


def test_parameters_cannot_be_changed():
    with pytest.raises(TypeError):
        parse_media_type("a/b;x=1").parameters["x"] = "2"


@given(st.text() | st.text(alphabet='a/;="\\ ,', max_size=30))
def test_any_header_is_parsed_or_none(header):
    media_type = parse_media_type(header)
    assert media_type is None or media_type.essence.count("/") == 1
