"""Replicas of an older blog go on working while the newest migrations run, and beside the newest blog."""

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from importlib.resources import files

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from blog_service.app import create_app
from blog_service.database import Database
from blog_service.migrate import migrate
from blog_service.settings import Settings
from blog_service.tables import MIGRATION
from chassis import Chassis, ServiceSettings
from chassis.sql import create_engine

OLDEST = 5  # the migration whose blog is the oldest that may still run
NEWEST = int(MIGRATION)
AT = "2026-01-02 03:04:05.678901"
PATIENCE = 20  # seconds: MySQL lets writes wait while it builds an index
ADD_USER = "INSERT INTO user (username, password, username_key) VALUES (:name, 'none', :name)"
ADD_POST = (
    "INSERT INTO post (author_id, created, updated, title, body, slug, status, publish_at, version, "
    "summary, tags, html, renderer) "
    "VALUES (:author, :at, :at, :title, 'one', :title, 'published', :at, 1, 'one', 'old', 'x', 0)"
)
ADD_SLUG = "INSERT INTO post_slug (slug, post_id) VALUES (:title, :id)"
ADD_TAG = "INSERT INTO post_tag (tag, post_id, status, publish_at) VALUES ('old', :id, 'published', :at)"
ADD_COMMENT = (
    "INSERT INTO comment (post_id, user_id, created, status, body) "
    "VALUES (:id, :author, :at, 'waiting', 'said')"
)
APPROVE = "UPDATE comment SET status = 'approved' WHERE post_id = :id"
KEEP = (
    "INSERT INTO post_revision (post_id, version, saved, title, body, tags) "
    "SELECT id, version, updated, title, body, tags FROM post WHERE id = :id AND version = :version"
)
CHANGE = (
    "UPDATE post SET body = :body, summary = :body, html = 'x', renderer = 0, updated = :at, "
    "version = :version + 1 WHERE id = :id AND version = :version"
)
DELETE = "DELETE FROM post WHERE id = :id"
LIST = (
    "SELECT post.id, slug, title, summary, tags, post.version, username "
    "FROM post JOIN user ON user.id = author_id "
    "WHERE status = 'published' AND publish_at <= :at ORDER BY publish_at DESC, post.id DESC LIMIT 21"
)
SEARCH = {
    "sqlite": "SELECT rowid FROM post_search WHERE post_search MATCH :word",
    "mysql": "SELECT id FROM post WHERE MATCH (title, body, tags) AGAINST (:word IN BOOLEAN MODE)",
}


class OlderBlog:
    """What the blog of the oldest migration says to its database."""

    def __init__(self, database):
        self._database = database

    def use(self):
        """Do once all that authors and readers do; return the title of a post that stays."""
        stays, goes = (f"moth{secrets.token_hex(6)}" for _ in range(2))
        author = self._write((ADD_USER, {"name": stays}))
        kept, gone = self.add(author, stays), self.add(author, goes)
        self._write((ADD_COMMENT, {"id": kept, "author": author}), (APPROVE, {"id": kept}))
        self.change(kept, 1, f"{stays}two")
        self.delete(gone)
        assert (self.search(f"{stays}two"), self.search(goes)) == ([kept], [])
        listed = self._read(LIST)
        assert kept in listed
        assert gone not in listed
        return stays

    def add(self, author, title):
        def work(connection):
            number = connection.execute(
                sa.text(ADD_POST), {"author": author, "title": title, "at": AT}
            ).lastrowid
            for statement in (ADD_SLUG, ADD_TAG):
                connection.execute(sa.text(statement), {"id": number, "title": title, "at": AT})
            return number

        return self._database.write(work)

    def change(self, number, version, body):
        values = {"id": number, "version": version, "body": body}
        self._write((KEEP, values), (CHANGE, values))

    def delete(self, number):
        self._write((DELETE, {"id": number}))

    def search(self, word):
        return self._read(SEARCH[self._database.dialect], word=word)

    def _read(self, statement, **values):
        with self._database.read() as connection:
            return list(connection.execute(sa.text(statement), {"at": AT, **values}).scalars())

    def _write(self, *statements):
        """Run statements, each of which changes one row; return the last number that was given."""

        def work(connection):
            for statement, values in statements:
                result = connection.execute(sa.text(statement), {"at": AT, **values})
                assert result.rowcount == 1, statement
            return result.lastrowid

        return self._database.write(work)


@pytest.fixture
def older_blog():
    """Start older blogs on databases."""
    with ExitStack() as stack:

        def start(url):
            chassis = Chassis(ServiceSettings(serve_port=0), name="blog-service")
            stack.callback(chassis.close)
            engine = create_engine(chassis, url.render_as_string(hide_password=False), timeout=PATIENCE)
            stack.callback(engine.dispose)
            return OlderBlog(Database(chassis, engine))

        yield start


@pytest.fixture
def newest_client(empty):
    """Readers of the newest blog."""
    address = empty.render_as_string(hide_password=False)
    settings = Settings(
        serve_port=0, database_url=address, flask_app_secret_key=secrets.token_urlsafe(), blog_comments="on"
    )
    app = create_app(settings)
    yield app.test_client()
    app.extensions["blog_engine"].dispose()
    app.chassis.close()


def _upgrade(url, revision):
    config, engine = Config(), sa.create_engine(url)
    config.set_main_option("script_location", str(files("blog_service") / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, f"{revision:04}")
    engine.dispose()


@pytest.mark.parametrize("revision", range(OLDEST, NEWEST))
def test_older_blog_works_before_during_and_after(empty, older_blog, newest_client, revision):
    _upgrade(empty, revision)
    older, titles = older_blog(empty), []
    begun, over = threading.Event(), threading.Event()

    def go_on():
        while not over.is_set():
            titles.append(older.use())
            begun.set()

    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(go_on)
        begun.wait(PATIENCE)
        migrate(empty)
        over.set()
        going.result()
    titles.append(older.use())
    assert len(titles) > 1
    for title in titles:
        page = newest_client.get(f"/posts/{title}").text
        assert f"<p>{title}two</p>" in page
        assert "said" in page
        assert f"/posts/{title}" in newest_client.get(f"/search?q={title}two").text


def test_older_blog_works_between_any_two_migrations(empty, older_blog):
    for revision in range(OLDEST, NEWEST + 1):
        _upgrade(empty, revision)
        older_blog(empty).use()


def test_older_and_newest_blog_change_the_same_post(database, older_blog, author, reader, post_id):
    older = older_blog(database)
    author.write("Shared", "one")
    number = post_id("Shared")
    older.change(number, 1, "two")
    assert "<p>two</p>" in reader.get("/posts/shared").text
    fields = {"title": "Shared", "body": "three"}
    assert author.post(f"/{number}/update", {**fields, "version": "1"}).status_code == 409
    assert author.post(f"/{number}/update", {**fields, "version": "2"}).status_code == 302
    assert older.search("three") == [number]
    older.change(number, 3, "four")
    assert "/posts/shared" in reader.get("/search?q=four").text
    assert author.get(f"/{number}/revisions/2").status_code == 200
    older.delete(number)
    assert reader.get("/posts/shared").status_code == 404
