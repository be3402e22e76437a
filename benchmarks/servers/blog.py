"""A bare Flask view: the front page's query and template, and nothing else around them."""

import os
from typing import Any

import sqlalchemy
from flask import Flask, render_template
from granian.constants import Interfaces
from granian.server import MPServer

from blog_service.accounts.routes import auth
from blog_service.blog import utc_now
from blog_service.posts.feeds import feeds
from blog_service.posts.listing import listing_query
from blog_service.posts.lists import lists
from blog_service.posts.routes import posts
from blog_service.settings import MigrationSettings
from chassis import load_settings

PAGE = 20


def create_app(**pool: Any) -> Flask:
    """Make the application; the blog's routes are there for the template's links."""
    app = Flask("blog_service")
    engine = sqlalchemy.create_engine(load_settings(MigrationSettings).database, **(pool or {"pool_size": 4}))
    for blueprint in (auth, posts, lists, feeds):
        app.register_blueprint(blueprint)
    app.jinja_env.globals.update(app_version="1", style_version="1", user=None, has_session=False)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.get("/bare")
    def front_page() -> str:
        query = listing_query("all", after_cursor=False)
        with engine.connect() as connection:
            rows = connection.execute(query, {"now": utc_now(), "limit": PAGE + 1}).all()
        listed = [_Listed(row) for row in rows[:PAGE]]
        return render_template("index.html", posts=listed, next=None, cursor=None)

    return app


class _Listed:
    def __init__(self, row: sqlalchemy.Row) -> None:  # type: ignore[type-arg]
        self.slug, self.title, self.summary = row.slug, row.title, row.summary
        self.tags = row.tags.split() if row.tags else ()
        self.publish_at, self.author_id, self.author = row.publish_at, row.author_id, row.username


def load() -> Flask:
    """Called in the worker process."""
    return create_app()


if __name__ == "__main__":
    port = int(os.environ["SERVE_PORT"])  # noqa: TID251 - a measuring stick has no settings module
    server = MPServer(
        "benchmarks.servers.blog:load",
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=4,
        factory=True,
        log_enabled=False,
        websockets=False,
    )
    server.serve()
