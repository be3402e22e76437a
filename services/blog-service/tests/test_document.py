"""The OpenAPI document: complete, and true."""

import re

import jsonschema_rs
import pytest

API = "/api/v1/posts"
IDENTITY = {"X-Request-ID", "X-Trace-ID"}
KEPT = {"ETag", "Cache-Control", "Vary"}
OF_PROBLEMS = {"401": "WWW-Authenticate", "415": "Accept-Post", "503": "Retry-After"}
ONE = f"{API}/{{post_id}}"
OPERATIONS = [(API, "get"), (API, "post"), (ONE, "get"), (ONE, "put"), (ONE, "delete")]


@pytest.fixture
def document(reader):
    return reader.get("/openapi.json").json


@pytest.fixture(params=OPERATIONS, ids=lambda operation: f"{operation[1]} {operation[0]}")
def operation(request, document):
    path, method = request.param
    return document["paths"][path][method]


@pytest.fixture
def check(document):
    """Hold a value to a schema of the document."""

    def hold(value, schema):
        whole = {**schema, "components": document["components"]}
        assert list(jsonschema_rs.Draft202012Validator(whole).iter_errors(value)) == []

    return hold


def test_every_operation_says_what_can_go_wrong(operation, check):
    problems = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
    assert {"401", "503"} <= problems.keys()
    for status, answer in problems.items():
        [(media_type, content)] = answer["content"].items()
        assert media_type == "application/problem+json"
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert content["example"]["status"] == int(status)
        check(content["example"], content["schema"])
        assert OF_PROBLEMS.get(status) in {None, *answer["headers"]}
    if "requestBody" in operation:
        assert {"400", "413", "415", "422"} <= problems.keys()


def test_every_answer_has_its_headers(operation, document):
    for status, answer in operation["responses"].items():
        assert answer["description"]
        assert answer["headers"].keys() >= IDENTITY
        if status in ("200", "201", "304"):
            assert answer["headers"].keys() >= KEPT
        assert ("Location" in answer["headers"]) == (status == "201")
        for header in answer["headers"].values():
            name = header.get("$ref", "").rpartition("/")[2]
            assert (document["components"]["headers"][name] if name else header)["description"]


def test_every_body_and_parameter_has_an_example(operation, document, check):
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    bodies += [answer for status, answer in operation["responses"].items() if status in ("200", "201")]
    for content in [content for body in bodies for content in body["content"].values()]:
        check(content["example"], content["schema"])
    for parameter in operation["parameters"] + document["paths"][ONE]["parameters"]:
        assert parameter["description"]
        check(parameter["example"], parameter["schema"])


def test_answers_have_the_headers_that_the_document_names(author, document):
    token = re.search(r"blog_[\w-]{43}", author.post("/account/tokens", {"name": "t"}).text)[0]
    headers = {"Authorization": f"Bearer {token}"}

    def ask(method, path="", *, of=API, **extra):
        options = {"json": {"title": "One"}} if method in ("POST", "PUT") else {}
        answer = author.client.open(f"{API}{path}", method=method, headers={**headers, **extra}, **options)
        told = document["paths"][of][method.lower()]["responses"][str(answer.status_code)]["headers"]
        required = [name for name, header in told.items() if "$ref" in header]
        assert [name for name in required if name not in answer.headers] == []
        return answer

    made = ask("POST")
    path, of = f"/{made.json['id']}", ONE
    assert made.status_code == 201
    for own, template in (("", API), (path, of)):
        etag = ask("GET", own, of=template).headers["ETag"]
        assert ask("GET", own, of=template, **{"If-None-Match": etag}).status_code == 304
        assert ask("GET", own, of=template, Authorization="Bearer no").headers["WWW-Authenticate"]
    assert ask("PUT", path, of=of, **{"If-Match": '"another"'}).status_code == 412
    assert ask("PUT", path, of=of).status_code == 200
    assert ask("DELETE", path, of=of).status_code == 204
    assert ask("GET", path, of=of).status_code == 404


def test_document_names_every_address_of_the_api(app, reader):
    document = reader.get("/openapi.json").json
    served = {
        (re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {
        (path, method)
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert described == served
    text = str(document)
    for name in re.findall(r"#/components/schemas/(\w+)", text):
        assert name in document["components"]["schemas"]


def test_docs_page_works_offline(reader, tags_of):
    answer = reader.get("/docs")
    assert "GET /api/v1/posts" in answer.text
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    tags = tags_of(answer.text)
    assert not [attributes for _, attributes in tags if attributes.get("src")]
    assert not [tag for tag, _ in tags if tag == "script"]
