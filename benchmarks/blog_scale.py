"""blog with a million posts against a thousand: what each kind of page costs.

`DATABASE_URL` names an empty database to use instead of a SQLite file, `POSTS` another number.
"""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy
from sqlalchemy import insert, make_url

from benchmarks.athlete import service
from blog_service.posts.shelves import shelve
from blog_service.tables import post, post_slug, post_tag, user

FEW, MANY = 1000, 1_000_000
BATCH = 5000
ROUNDS, REPEATS = 7, 30
WORDS = ["".join(parts) for parts in product("bdfgklmnprst", "aeiou", ("nde", "rto", "lvi", "ska"))]
TAGS = [f"tag-{number}" for number in range(10)]
NEEDLES = 20  # posts have a word that no other has, the oldest
START = datetime(2000, 1, 1, tzinfo=UTC)


def run() -> None:
    """Measure and print."""
    url, many = os.environ.get("DATABASE_URL"), int(os.environ.get("POSTS", MANY))  # noqa: TID251 - see above
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        env = {
            "DATABASE_URL": url or f"sqlite:///{Path(folder) / 'blog.sqlite'}",
            "FLASK_APP_SECRET_KEY": secrets.token_urlsafe(),
        }
        subprocess.run([sys.executable, "-m", "blog_service.migrate"], env=env, check=True)
        engine = sqlalchemy.create_engine(make_url(env["DATABASE_URL"]))
        figures = [_measure_at(engine, env, *part) for part in ((0, FEW), (FEW, many))]
        engine.dispose()
    _report(many, *figures)


def _measure_at(engine: sqlalchemy.Engine, env: dict[str, str], start: int, end: int) -> dict[str, float]:
    started = time.perf_counter()
    for first in range(start, end, BATCH):
        fill(engine, first, min(end, first + BATCH))
    print(f"{end - start} posts in {time.perf_counter() - started:.0f} s", flush=True)
    with service(f"{end} posts", "blog_service", env) as server, httpx.Client(base_url=server.url) as client:
        return {name: _milliseconds(client, path) for name, path in _pages(end).items()}


def _pages(count: int) -> dict[str, str]:
    """The addresses to ask; the deep page is in the midst of the list."""
    deep = f"{START + timedelta(minutes=count // 2):%Y-%m-%dT%H:%M:%S.%fZ}_{count // 2}"
    return {
        "front page": "/",
        "tag page": "/tags/tag-3",
        "deep page": f"/?before={deep}",
        "deep page of a tag": f"/tags/tag-3?before={deep}",
        "author page": "/authors/author",
        "month": f"/archive/{START:%Y/%m}",
        "feed": "/feed.atom",
        "a post": f"/posts/post-{count // 2}",
        "search, every post has it": "/search?q=everywhere",
        "search, two common words": f"/search?q={WORDS[0]}+{WORDS[1]}",
        "search, the oldest 20 have it": "/search?q=needle",
        "search, none has it": "/search?q=nowhere",
        "API": "/api/v1/posts",
    }


def _milliseconds(client: httpx.Client, path: str) -> float:
    """The median of the fastest request in each round: what it costs, not who else uses the machine."""
    return statistics.median(min(_ask(client, path) for _ in range(REPEATS)) for _ in range(ROUNDS))


def _ask(client: httpx.Client, path: str) -> float:
    host = f"{secrets.token_hex(4)}.localhost"  # no page is kept for another host
    started = time.perf_counter()
    client.get(path, headers={"Host": host}, timeout=60).raise_for_status()
    return (time.perf_counter() - started) * 1000


def _report(many: int, few: dict[str, float], all_of_them: dict[str, float]) -> None:
    print(f"\nblog: ms a request at {FEW} posts and at {many}")
    for name, before in few.items():
        print(f"{name:28}{before:9.2f}{all_of_them[name]:9.2f}{all_of_them[name] / before:8.2f}")


def fill(engine: sqlalchemy.Engine, start: int, end: int) -> None:
    """Store the posts of a range of numbers in one transaction."""
    rows = list(_posts(start, end))
    with engine.begin() as connection:
        if start == 0:
            author = {"id": 1, "username": "author", "username_key": "author", "password": "none"}
            connection.execute(insert(user).values(author))
        connection.execute(insert(post), rows)
        connection.execute(shelve().where(post.c.id > start))
        connection.execute(insert(post_slug), [{"slug": row["slug"], "post_id": row["id"]} for row in rows])
        tags = [_tagged(row, tag) for row in rows for tag in row["tags"].split(",")]
        connection.execute(insert(post_tag), tags)


def _posts(start: int, end: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(start)  # noqa: S311 - the same posts in each run
    for number in range(start + 1, end + 1):
        moment = START + timedelta(minutes=number)
        rare = "needle" if number <= NEEDLES else f"straw{number}"
        text = f"everywhere {rare} " + " ".join(chance.choices(WORDS, k=40))
        yield {
            "id": number,
            "author_id": 1,
            "title": f"Post {number}",
            "body": text,
            "slug": f"post-{number}",
            "created": moment,
            "publish_at": moment,
            "updated": moment,
            "status": "published",
            "version": 1,
            "html": f"<p>{text}</p>\n",
            "renderer": 1,
            "summary": text[:200],
            "tags": f"{TAGS[number % 10]},all",
        }


def _tagged(row: dict[str, Any], tag: str) -> dict[str, Any]:
    return {"tag": tag, "post_id": row["id"], "status": row["status"], "publish_at": row["publish_at"]}
