"""What lists and searches cost SQLite, in steps of its machine: the same however many posts there are."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from blog_service.tables import post, post_slug, post_tag, user

FEW, MANY = 300, 6000
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
MIDST = f"{OLDEST + timedelta(days=FEW // 2):%Y-%m-%dT%H:%M:%S.000000Z}_{FEW // 2}"
LISTS = [
    "/",
    f"/?before={MIDST}",
    "/tags/even",
    f"/tags/even?before={MIDST}",
    "/authors/author",
    "/archive/2000/01",
    "/archive/2000/06",
    "/feed.atom",
    "/posts/post-7",
    "/api/v1/posts",
]
SEARCHES = ["/search?q=everywhere", "/search?q=needle", "/search?q=everywhere+needle", "/search?q=nowhere"]


@pytest.fixture
def fill(database):
    """Store posts, one a day."""
    if database.get_backend_name() != "sqlite":
        pytest.skip("MySQL tells no steps; python -m benchmarks blog-scale measures it")
    engine = sa.create_engine(database)

    def add(start, end):
        made = [_post(number) for number in range(start + 1, end + 1)]
        with engine.begin() as connection:
            if start == 0:
                author = {"id": 1, "username": "author", "username_key": "author", "password": "none"}
                connection.execute(sa.insert(user).values(author))
            connection.execute(sa.insert(post), made)
            names = [{"slug": row["slug"], "post_id": row["id"]} for row in made]
            connection.execute(sa.insert(post_slug), names)
            connection.execute(sa.insert(post_tag), [_tag(row) for row in made if row["tags"]])

    yield add
    engine.dispose()


def _post(number):
    return {
        "id": number,
        "author_id": 1,
        "title": f"Post {number}",
        "slug": f"post-{number}",
        "body": "everywhere needle" if number <= 3 else f"everywhere straw{number}",
        "html": "",
        "tags": "" if number % 2 else "even",
        "status": "published",
        "version": 1,
        **dict.fromkeys(("created", "updated", "publish_at"), OLDEST + timedelta(days=number)),
    }


def _tag(row):
    return {
        "post_id": row["id"],
        "tag": "even",
        **{name: row[name] for name in ("status", "publish_at")},
    }


@pytest.fixture
def steps(app, reader):
    """Count hundreds of steps of a request."""
    counted = []
    engine = app.extensions["blog_engine"]

    @sa.event.listens_for(engine, "checkout")
    def watch(connection, *_):
        connection.set_progress_handler(lambda: counted.append(1), 100)

    def ask(path):
        counted.clear()
        answer = reader.get(path)
        assert answer.status_code == 200, path
        assert "ost" in answer.text
        return len(counted)

    return ask


def test_lists_and_searches_cost_the_same_however_many_posts_there_are(fill, steps):
    fill(0, FEW)
    paths = [*LISTS, *SEARCHES]
    few = {path: steps(path) for path in paths}
    fill(FEW, MANY)
    grown = {path: (before, steps(path)) for path, before in few.items()}
    assert {path: cost for path, cost in grown.items() if cost[1] > 1.5 * cost[0] + 5} == {}
