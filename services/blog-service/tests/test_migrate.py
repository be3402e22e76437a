"""Migrations: from nothing, and from the original blog's database with its data."""

import json
import secrets
import subprocess
import sys
import threading
from importlib.resources import files

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url
from werkzeug.security import generate_password_hash

import blog_service.posts.mysql_search  # noqa: F401 - brings MySQL's indexes
from blog_service.app import create_app
from blog_service.migrate import migrate
from blog_service.settings import Settings
from blog_service.tables import MIGRATION, metadata

ORIGINAL = {
    "sqlite": [
        "CREATE TABLE user (id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE NOT NULL, "
        "password TEXT NOT NULL)",
        "CREATE TABLE post (id INTEGER PRIMARY KEY AUTOINCREMENT, author_id INTEGER NOT NULL, "
        "created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, title TEXT NOT NULL, body TEXT NOT NULL, "
        "FOREIGN KEY (author_id) REFERENCES user (id))",
    ],
    "mysql": [
        "CREATE TABLE user (id INT PRIMARY KEY AUTO_INCREMENT, username VARCHAR(255) UNIQUE NOT NULL, "
        "password VARCHAR(255) NOT NULL)",
        "CREATE TABLE post (id INT PRIMARY KEY AUTO_INCREMENT, author_id INT NOT NULL, "
        "created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, title VARCHAR(255) NOT NULL, "
        "body VARCHAR(255) NOT NULL, FOREIGN KEY (author_id) REFERENCES user (id))",
    ],
}
OLD_HASHES = ["pbkdf2:sha256:1000", "scrypt:1024:8:1"]


@pytest.fixture
def connect(empty):
    engine = sa.create_engine(empty)
    yield engine.begin
    engine.dispose()


@pytest.fixture
def original(empty, connect):
    """The original blog's tables, with two users and posts."""
    with connect() as connection:
        for statement in ORIGINAL[empty.get_backend_name()]:
            connection.execute(sa.text(statement))
        for name, method in zip(["Ann", "böb"], OLD_HASHES, strict=True):
            values = {"name": name, "hash": generate_password_hash(f"{name} password", method)}
            connection.execute(sa.text("INSERT INTO user (username, password) VALUES (:name, :hash)"), values)
        for number in range(5):
            connection.execute(
                sa.text(
                    "INSERT INTO post (author_id, created, title, body) VALUES (:author, :at, :title, :body)"
                ),
                {
                    "author": 1 + number % 2,
                    "at": f"2019-01-0{number + 1} 12:00:00",
                    "title": f"Post {number % 3}",
                }
                | {"body": f"*body* of {number}"},
            )
    return empty


@pytest.fixture
def open_blog(empty):
    apps = []

    def make():
        settings = Settings(
            serve_port=0,
            database_url=empty.render_as_string(hide_password=False),
            flask_app_secret_key=secrets.token_urlsafe(),
        )
        apps.append(create_app(settings))
        return apps[-1].test_client()

    yield make
    for app in apps:
        app.extensions["blog_engine"].dispose()
        app.chassis.close()


def _log_in(client, username, password):
    token = client.get("/auth/login").text.split('name="csrf_token" value="')[1].split('"')[0]
    return client.post("/auth/login", data={"csrf_token": token, "username": username, "password": password})


def test_tables_are_those_of_the_code(empty, connect):
    migrate(empty)
    with connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": False,
                # SQLite keeps the search index in tables of its own.
                "include_name": lambda name, kind, _: (
                    kind != "table" or not name.startswith(("post_search", "post_words"))
                ),
                "include_object": lambda _, name, *__: (
                    (name not in ("post_search", "post_search_shelf") or connection.dialect.name == "mysql")
                    # MySQL makes this column and its index itself.
                    and name not in ("terms", "post_terms")
                ),
            },
        )
        differences = [
            change
            for change in compare_metadata(context, metadata)
            # The original's columns stay as wide as SQLite lets them be.
            if not (isinstance(change, list) and empty.get_backend_name() == "sqlite")
        ]
    assert differences == []


def test_service_waits_for_its_tables(empty, open_blog):
    client = open_blog()
    answer = client.get("/readyz?verbose")
    assert (answer.status_code, answer.json["checks"]["database"]["error"]) == (503, "NotMigrated")
    assert client.get("/livez").status_code == 200
    assert [client.get(path).status_code for path in ("/", "/api/v1/posts", "/feed.atom")] == [503] * 3
    migrate(empty)
    assert client.get("/readyz").status_code == 200
    assert client.get("/").status_code == 200


def test_older_tables_are_not_enough_and_newer_ones_are(empty, open_blog, connect):
    migrate(empty)
    client = open_blog()
    for version, status in (("0007", 503), ("9999", 200)):
        with connect() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = :v"), {"v": version})
        assert client.get("/readyz").status_code == status


def test_service_waits_for_the_newest_migration():
    assert ScriptDirectory(str(files("blog_service") / "migrations")).get_current_head() == MIGRATION


def test_second_run_changes_nothing(empty, connect):
    migrate(empty)
    migrate(empty)
    with connect() as connection:
        versions = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()
    assert len(versions) == 1


def test_users_of_the_original_log_in(original, open_blog):
    migrate(original)
    for name in ("Ann", "böb"):
        assert _log_in(open_blog(), name, f"{name} password").status_code == 302
        assert _log_in(open_blog(), name.upper(), f"{name} password").status_code == 302
        assert _log_in(open_blog(), name, "wrong password").status_code == 200


def test_posts_of_the_original_are_there(original, open_blog, connect):
    migrate(original)
    client = open_blog()
    page = client.get("/").text
    places = [page.index(f"body of {number}") for number in range(5)]
    assert places == sorted(places, reverse=True)
    assert "5 January 2019" in page
    with connect() as connection:
        slugs = connection.execute(sa.text("SELECT slug FROM post ORDER BY id")).scalars().all()
    assert slugs[:3] == ["post-0", "post-1", "post-2"]
    assert len(set(slugs)) == 5
    for slug in slugs:
        assert "<em>body</em> of" in client.get(f"/posts/{slug}").text
    for number in range(1, 6):
        assert client.get(f"/{number}").location == f"/posts/{slugs[number - 1]}"


def test_author_of_the_original_changes_a_post(original, open_blog):
    migrate(original)
    client = open_blog()
    _log_in(client, "Ann", "Ann password")
    form = client.get("/1/update").text
    token = form.split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"csrf_token": token, "title": "Post 0", "body": "long 🎌 " * 5000, "version": "1"}
    assert client.post("/1/update", data=fields).status_code == 302
    assert "long 🎌" in client.get("/posts/post-0").text
    assert client.post("/2/delete", data={"csrf_token": token}).status_code == 403


def test_original_blog_goes_on_writing_and_its_rows_move_over_later(original, open_blog, connect):
    migrate(original)
    with connect() as connection:
        connection.execute(
            sa.text("INSERT INTO user (username, password) VALUES ('Late', :hash)"),
            {"hash": generate_password_hash("Late password", OLD_HASHES[0])},
        )
        connection.execute(sa.text("INSERT INTO post (author_id, title, body) VALUES (3, 'Late post', 'x')"))
    client = open_blog()
    assert client.get("/").status_code == 200
    assert client.get("/6").status_code == 404
    assert _log_in(client, "Late", "Late password").status_code == 302
    assert client.get("/6/update").status_code == 404
    migrate(original)
    assert "Late post" in client.get("/").text
    assert "Late post" in client.get("/search?q=late").text
    with connect() as connection:
        shelves = connection.execute(sa.text("SELECT shelf FROM post WHERE title = 'Late post'")).scalar_one()
    assert shelves == "0_9_0 0_12_0 0_15_0"
    assert client.get("/posts/late-post").status_code == 200


def test_names_that_differ_in_letter_case_only_both_log_in(tmp_path, open_blog):
    url = make_url(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in ORIGINAL["sqlite"]:
            connection.execute(sa.text(statement))
        for name in ("Ann", "ann"):
            values = {"name": name, "hash": generate_password_hash(f"{name} password", OLD_HASHES[0])}
            connection.execute(sa.text("INSERT INTO user (username, password) VALUES (:name, :hash)"), values)
    engine.dispose()
    migrate(url)
    assert _log_in(_client(url), "Ann", "Ann password").status_code == 302
    assert _log_in(_client(url), "ann", "ann password").status_code == 302


def test_of_many_runs_at_once_one_migrates(original, connect):
    faults = []

    def run():
        try:
            migrate(original)
        except Exception as exc:  # noqa: BLE001 - whatever it is, the test shows it
            faults.append(exc)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with connect() as connection:
        assert connection.execute(sa.text("SELECT COUNT(*) FROM post_slug")).scalar() == 5


def test_of_two_programs_at_once_one_migrates(original, connect):
    command = [sys.executable, "-m", "blog_service.migrate"]
    env = {"DATABASE_URL": original.render_as_string(hide_password=False)}
    programs = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE) for _ in range(2)]  # noqa: S603 - ours
    said = [json.loads(program.communicate()[0]) for program in programs]
    assert [program.returncode for program in programs] == [0, 0]
    assert sorted(line["adopted"] for line in said) == [0, 7]
    with connect() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).all() == [(MIGRATION,)]
        assert connection.execute(sa.text("SELECT COUNT(*) FROM post_slug")).scalar() == 5


def _client(url):
    settings = Settings(
        serve_port=0,
        database_url=url.render_as_string(hide_password=False),
        flask_app_secret_key=secrets.token_urlsafe(),
    )
    return create_app(settings).test_client()


def test_program_logs_as_the_service_does(tmp_path):
    database = {"DATABASE_URL": f"sqlite:///{tmp_path}/blog.sqlite3"}
    command = [sys.executable, "-m", "blog_service.migrate"]
    done = subprocess.run(command, env=database, capture_output=True, check=True)  # noqa: S603 - our own program
    line = json.loads(done.stdout)
    assert (line["event"], line["service"]) == ("database_migrated", "blog-service")
