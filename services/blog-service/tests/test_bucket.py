"""Images in a bucket, with a store that checks each signature as S3 does."""

import secrets
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest
from pydantic import SecretStr

from blog_service.images.signature import Credentials, sign

REGION = "eu-central-1"
# The example of the S3 API reference, "Authenticating Requests: Using the Authorization Header".
EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
MOMENT = datetime(2013, 5, 24, tzinfo=UTC)
HOST = {"host": "examplebucket.s3.amazonaws.com"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "content", "signature"),
    [
        (
            "GET",
            "/test.txt",
            {"range": "bytes=0-9"},
            b"",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test$file.text",
            {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
            b"Welcome to Amazon S3.",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
    ],
)
def test_signature_is_the_one_of_the_reference(method, path, headers, content, signature):
    signed = sign(method, path, {**HOST, **headers}, content, EXAMPLE, MOMENT)
    assert signed["authorization"].endswith(f",Signature={signature}")


class Store(ThreadingHTTPServer):
    """Keeps objects in memory."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects, self.credentials = {}, Credentials("key", secrets.token_urlsafe(), REGION)
        self.failing, self.refused = False, 0


class Handler(BaseHTTPRequestHandler):
    """Answers PUT, GET and DELETE of a path that is signed well."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        store = self.server
        if store.failing or not self._is_signed(content):
            store.refused += 1
            return self._answer(503 if store.failing else 403)
        if self.command == "PUT":
            store.objects[self.path] = content
            return self._answer(200)
        if self.command == "DELETE":
            return self._answer(204 if store.objects.pop(self.path, None) is not None else 404)
        found = store.objects.get(self.path)
        return self._answer(404) if found is None else self._answer(200, found)

    do_PUT = do_GET = do_DELETE = answer  # noqa: N815 - the names that the server asks for

    def _is_signed(self, content):
        names = self.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
        headers = {name: self.headers[name] for name in names if not name.startswith("x-amz-")}
        moment = datetime.strptime(self.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        expected = sign(self.command, unquote(self.path), headers, content, self.server.credentials, moment)
        return {"host"} <= set(headers) and all(
            self.headers[name] == value for name, value in expected.items()
        )

    def _answer(self, status, content=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def store():
    with Store() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(settings, store):
    values = {
        "blog_images": "s3://pictures/of-the-blog",
        "s3_endpoint": f"http://127.0.0.1:{store.server_port}/",
        "s3_region": REGION,
        "s3_access_key_id": store.credentials.key_id,
        "s3_secret_access_key": SecretStr(store.credentials.secret),
    }
    return settings.model_copy(update=values)


@pytest.fixture
def app(app):
    yield app
    app.extensions["blog"].images._files.close()


def test_bucket_keeps_what_is_uploaded(author, reader, store, picture):
    path = author.upload(picture).json["url"]
    (name,) = store.objects
    assert name.startswith("/pictures/of-the-blog/")
    assert name.endswith(path.removeprefix("/images"))
    assert reader.get(path).data == store.objects[name]
    assert author.post(f"{path}/delete").status_code == 302
    assert store.objects == {}
    assert store.refused == 0


def test_images_leave_the_bucket_with_the_account(author, store, picture):
    assert author.upload(picture).status_code == 201
    author.post("/account/delete", {"password": "correct horse battery"})
    assert store.objects == {}


def test_bucket_that_fails_is_503_and_loses_nothing(author, reader, store, rows, picture):
    path = author.upload(picture).json["url"]
    store.failing = True
    assert author.upload(picture).status_code == 503
    assert reader.get(path).status_code == 503
    assert author.post(f"{path}/delete").status_code == 503
    assert author.post("/account/delete", {"password": "correct horse battery"}).status_code == 503
    store.failing = False
    assert reader.get(path).status_code == 200
    assert len(rows("SELECT * FROM user")) == 1


def test_bucket_that_is_away_is_503(author, app, store, picture):
    path = author.upload(picture).json["url"]
    store.socket.close()
    app.extensions["blog"].images._files.close()
    assert author.get(path).status_code == 503


def test_wrong_key_is_503_and_is_not_told(author, app, store, picture):
    store.credentials = store.credentials._replace(secret="another")
    answer = author.upload(picture)
    assert answer.status_code == 503
    assert "403" not in answer.text
