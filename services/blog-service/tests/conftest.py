"""A blog on a real database for each test, and readers who use its pages as a browser would."""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from PIL import Image
from sqlalchemy import make_url
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, stream_encode_multipart

from blog_service.accounts import passwords
from blog_service.app import create_app
from blog_service.migrate import migrate
from blog_service.settings import Settings
from blog_service.tables import metadata
from chassis.testing.databases import mysql_database

MYSQL_URL = os.environ.get("BLOG_TEST_MYSQL_URL")  # noqa: TID251 - see above
BACKENDS = ["sqlite", "mysql"] if MYSQL_URL else ["sqlite"]
PASSWORD = "correct horse battery"


class Clock:
    """A clock that a test turns."""

    def __init__(self):
        self.time = datetime.now(UTC).replace(microsecond=0)

    def __call__(self):
        self.time += timedelta(microseconds=1)
        return self.time

    def turn(self, **by):
        self.time += timedelta(**by)


class Reader:
    """Somebody with a browser: keeps cookies, sends the hidden fields of forms along."""

    def __init__(self, client: FlaskClient, name: str | None = None):
        self.client = client
        self.name = name

    def get(self, path: str, **options) -> TestResponse:
        return self.client.get(path, **options)

    def post(
        self, path: str, data: dict | None = None, *, page: str | None = None, **options
    ) -> TestResponse:
        fields = {"csrf_token": self.token(page or "/auth/login"), **(data or {})}
        return self.client.post(path, data=fields, **options)

    def token(self, page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page).text)
        assert found, f"{page} has no form"
        return found[1]

    def register(self, username: str, password: str = PASSWORD) -> TestResponse:
        return self.post("/auth/register", {"username": username, "password": password})

    def log_in(self, username: str, password: str = PASSWORD, **fields) -> TestResponse:
        return self.post("/auth/login", {"username": username, "password": password, **fields})

    def upload(self, content: bytes, **fields: str) -> TestResponse:
        """Send an image as the editor does; the body is bytes, as the client would leave a file open."""
        form = {"csrf_token": self.token("/create"), "file": FileStorage(BytesIO(content), "a.png"), **fields}
        stream, length, boundary = stream_encode_multipart(form, use_tempfile=False)
        kind, headers = f"multipart/form-data; boundary={boundary}", {"Accept": "application/json"}
        return self.client.post("/images", data=stream.read(length), content_type=kind, headers=headers)

    def write(self, title: str, body: str = "", **fields) -> TestResponse:
        return self.post("/create", {"title": title, "body": body, **fields})


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.fixture
def tags_of() -> Callable[[str], list]:
    """Parse a page into its tags and their attributes."""

    def parse(html):
        parser = _Tags()
        parser.feed(html)
        return parser.tags

    return parse


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("template") / "blog.sqlite"
    migrate(make_url(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def empty_mysql() -> Iterator[Callable[[], sa.URL]]:
    """Make databases on the MySQL server; they are gone after the run."""
    if MYSQL_URL is None:
        pytest.skip("BLOG_TEST_MYSQL_URL names no MySQL server")
    with ExitStack() as stack:
        yield lambda: stack.enter_context(mysql_database(MYSQL_URL, charset="latin1"))


@pytest.fixture(scope="session")
def migrated_mysql(empty_mysql) -> sa.URL:
    url = empty_mysql()
    migrate(url)
    return url


@pytest.fixture(params=BACKENDS)
def database(request, tmp_path) -> Iterator[sa.URL]:
    """An empty database of the blog."""
    if request.param == "sqlite":
        template = request.getfixturevalue("migrated_sqlite")
        yield make_url(f"sqlite:///{shutil.copy(template, tmp_path / 'blog.sqlite')}")
        return
    url = request.getfixturevalue("migrated_mysql")
    yield url
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    engine.dispose()


@pytest.fixture(params=["sqlite", "mysql"])
def empty(request, tmp_path) -> sa.URL:
    """A database without tables."""
    if request.param == "mysql":
        return request.getfixturevalue("empty_mysql")()
    return make_url(f"sqlite:///{tmp_path / 'empty.sqlite'}")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(database) -> Settings:
    return Settings(
        serve_port=0,
        database_url=database.render_as_string(hide_password=False),
        flask_app_secret_key=secrets.token_urlsafe(),
        app_version="7.8.9-test",
        blog_comments="on",
    )


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch):
    """Passwords that cost little: most tests log somebody in."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", hasher)


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory) -> FileSystemBytecodeCache:
    """Templates compiled once, for all the blogs of a run."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings, clock, compiled_templates):
    app = create_app(settings, now=clock)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    app.extensions["blog_engine"].dispose()
    app.chassis.close()


@pytest.fixture
def reader(app) -> Reader:
    """Somebody who is not logged in."""
    return Reader(app.test_client())


@pytest.fixture
def member(app) -> Callable[..., Reader]:
    """Register people and log them in."""

    def make(name: str | None = None) -> Reader:
        name = name or f"user-{secrets.token_hex(4)}"
        person = Reader(app.test_client(), name)
        assert person.register(name).status_code == 302
        assert person.log_in(name).status_code == 302
        return person

    return make


@pytest.fixture
def author(member) -> Reader:
    return member()


@pytest.fixture
def picture() -> bytes:
    """A small PNG."""
    target = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def rows(database) -> Callable[[str], list]:
    """Read the tables directly."""
    engine = sa.create_engine(database)

    def read(statement: str, **values):
        with engine.begin() as connection:
            result = connection.execute(sa.text(statement), values)
            return list(result.mappings()) if result.returns_rows else []

    yield read
    engine.dispose()


@pytest.fixture
def post_id(rows) -> Callable[[str], int]:
    return lambda title: rows("SELECT id FROM post WHERE title = :title", title=title)[0]["id"]
