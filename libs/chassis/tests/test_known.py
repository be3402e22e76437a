import pytest

from chassis import ServiceSettings
from chassis.flask import create_app


@pytest.fixture
def client():
    """A page that the edge knows, and the application behind it."""
    app = create_app(ServiceSettings(serve_port=0), name="chassis", import_name=__name__)
    app.add_url_rule("/", "page", lambda: "of the application", methods=["GET", "POST"])
    headers = [("Content-Type", "text/html"), ("Content-Length", "11")]
    known = ("200 OK", headers, b"of the edge")
    app.edge.known["/"] = lambda environ: known if environ.get("QUERY_STRING") == "edge" else None
    yield app.test_client()
    app.chassis.close()


def test_edge_answers_what_it_knows_with_the_headers_that_all_answers_have(client):
    answer = client.get("/?edge")
    assert (answer.status_code, answer.text) == (200, "of the edge")
    assert answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Request-ID"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_application_answers_the_rest(client):
    assert client.get("/").text == "of the application"
    assert client.post("/?edge").text == "of the application"
    assert client.head("/?edge").headers["Content-Length"] == str(len("of the application"))


def test_it_is_counted_under_its_path(client):
    client.get("/?edge")
    registry = client.application.chassis.registry
    labels = {"method": "GET", "route": "/", "status": "200"}
    assert registry.get_sample_value("http_server_request_duration_seconds_count", labels) == 1
