import pytest

OPERATIONS = [("get", "/"), ("get", "/items/{item_id}"), ("patch", "/items/{item_id}"), ("post", "/items")]


@pytest.fixture
def document(fastapi_service):
    return fastapi_service.get("/openapi.json").json()


def test_document_names_service_version_and_prefix(document):
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "chassis"
    assert document["info"]["version"] == "0.1.0"
    assert document["servers"] == [{"url": "/sample"}]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_route_is_described(document, method, path):
    assert document["paths"][path][method]["summary"]


def test_own_routes_are_not(document):
    assert not {"/livez", "/readyz", "/metrics", "/openapi.json", "/docs"} & set(document["paths"])


def test_problems_are_described(document):
    answer = document["paths"]["/items/{item_id}"]["get"]["responses"]["404"]

    assert answer["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
    schema = document["components"]["schemas"]["Problem"]
    assert set(schema["required"]) == {"type", "title", "status", "instance", "request_id"}


def test_refused_parameters_are_described_as_problems(document):
    answer = document["paths"]["/slow"]["get"]["responses"]["422"]

    assert set(answer["content"]) == {"application/problem+json"}
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_absent_parameter_is_no_null(document):
    [parameter] = document["paths"]["/optional"]["get"]["parameters"]

    assert parameter["schema"] == {"type": "integer", "maximum": 5, "title": "Number"}


def test_headers_of_every_answer_are_described(document):
    for answer in document["paths"]["/items/{item_id}"]["get"]["responses"].values():
        assert {"X-Request-ID", "X-Trace-ID"} <= set(answer["headers"])


def test_fault_of_a_parameter_names_it_alone(fastapi_service):
    [fault] = fastapi_service.get("/optional", params={"number": "9"}).json()["errors"]

    assert fault["detail"] == "query parameter number: Input should be less than or equal to 5"


def test_stream_of_events_is_described(document):
    assert set(document["paths"]["/events"]["get"]["responses"]["200"]["content"]) == {"text/event-stream"}


def test_document_may_be_kept(fastapi_service):
    response = fastapi_service.get("/openapi.json")

    again = fastapi_service.get("/openapi.json", headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_page_shows_every_operation_and_loads_nothing(fastapi_service):
    page = fastapi_service.get("/docs")

    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for _, path in OPERATIONS:
        assert path in page.text
    assert "A &lt;b&gt;sample&lt;/b&gt;." in page.text
    assert "src=" not in page.text


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"name": ""}, 422, "/name"),
        ({"name": "a", "tags": [{"label": "x"}, {}]}, 422, "/tags/1/label"),
        ({"name": "a", "a/b~c": 1}, 422, "/a~1b~0c"),
        ([], 422, ""),
    ],
)
def test_wrong_body_is_422_with_a_pointer(fastapi_service, body, status, pointer):
    response = fastapi_service.request("POST", "/items", json=body)

    assert response.status_code == status
    assert pointer in [error["pointer"] for error in response.json()["errors"]]


@pytest.mark.parametrize(
    ("method", "path", "content_type", "header", "named"),
    [
        ("POST", "/items", "text/plain", "accept-post", "application/json"),
        ("POST", "/items", "", "accept-post", "application/json"),
        ("PATCH", "/items/1", "application/json", "accept-patch", "application/merge-patch+json"),
    ],
)
def test_wrong_media_type_is_415_and_says_which(fastapi_service, method, path, content_type, header, named):
    headers = {"Content-Type": content_type} if content_type else {}
    response = fastapi_service.request(method, path, content=b"{}", headers=headers)

    assert (response.status_code, response.headers[header]) == (415, named)


def test_missing_body_is_400(fastapi_service):
    assert fastapi_service.request("POST", "/items").status_code == 400
