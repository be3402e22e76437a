"""How many queries a page takes: the same number however much there is to show."""

import pytest
import sqlalchemy as sa

PAGES = {
    "/": 1,
    "/?before=2999-01-01T00:00:00.000000Z_1": 1,
    "/tags/a": 1,
    "/authors/{name}": 2,
    "/archive/{month}": 1,
    "/posts/post-0": 2,
    "/feed.atom": 1,
    "/feed.rss": 1,
    "/feed.json": 1,
    "/sitemap.xml": 1,
    "/api/v1/posts": 1,
    "/api/v1/posts?tag=a": 1,
    "/api/v1/posts/1": 1,
    "/hello": 0,
    "/auth/login": 0,
    "/openapi.json": 0,
}
# SQLite is asked first how each word goes on, MySQL for the newest posts, few, many and all.
SEARCH = {"sqlite": {3}, "mysql": {2, 3, 4}}
OWN_PAGES = {"/account": 4, "/images": 2, "/create": 1, "/1/update": 2, "/1/revisions": 3, "/posts/post-0": 3}


@pytest.fixture
def count(app):
    """Count the queries of a request."""
    statements = []
    sa.event.listen(
        app.extensions["blog_engine"], "before_cursor_execute", lambda *args: statements.append(args[2])
    )

    def ask(reader, path):
        statements.clear()
        assert reader.get(path).status_code == 200, path
        return len(statements)

    return ask


def test_queries_do_not_grow_with_the_posts(author, reader, count, rows, clock, database):
    for number in range(23):
        author.write(f"Post {number}", tags="a, b")
        if number in (0, 22):
            first = rows("SELECT MIN(id) AS id FROM post")[0]["id"]
            for body in "abc":
                author.post("/posts/post-0/comments", {"body": body})
                author.post(f"/{first}/update", {"title": "Post 0", "tags": "a, b", "body": body})
            values = {"name": author.name, "month": f"{clock.time:%Y/%m}"}
            own = {path.replace("/1", f"/{first}"): most for path, most in OWN_PAGES.items()}
            assert count(reader, "/search?q=post+b") in SEARCH[database.get_backend_name()]
            for path, expected in PAGES.items():
                path = path.format(**values).replace("/posts/1", f"/posts/{first}")
                assert count(reader, path) == expected, path
            for path, expected in own.items():
                assert count(author, path) == expected, path
