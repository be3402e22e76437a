import flask
import pytest

from chassis import ServiceSettings
from chassis.flask import create_app

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n%s\r\n--x--\r\n'


@pytest.fixture
def client():
    app = create_app(ServiceSettings(serve_port=0), name="chassis", import_name=__name__)
    app.add_url_rule("/", "echo", lambda: flask.request.form["a"], methods=["POST"])
    yield app.test_client()
    app.chassis.close()


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (URLENCODED, b"a=%ff"),
        (URLENCODED, b"a=%C3"),
        (URLENCODED, b"a=%c3%28&b=1"),
        (URLENCODED, b"a=%ed%a0%80"),
        (URLENCODED, b"a=%C3b%A9"),
        (URLENCODED, b"a=\xff"),
        (URLENCODED, b"a=1&%ff=2"),
        (MULTIPART, PART % b"\xff"),
    ],
)
def test_form_that_is_not_utf_8_is_400(client, media_type, body):
    response = client.post("/", data=body, content_type=media_type)
    assert (response.status_code, response.json["detail"]) == (400, "The form is not UTF-8.")


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (URLENCODED, b"a=caf%C3%A9+%F0%9F%90%99%25ff"),
        (URLENCODED, "a=café+🐙%25ff".encode()),
        (MULTIPART, PART % "café 🐙%ff".encode()),
    ],
)
def test_form_in_utf_8_is_read(client, media_type, body):
    assert client.post("/", data=body, content_type=media_type).text == "café 🐙%ff"
