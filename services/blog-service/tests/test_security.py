"""Points of docs/blog-security.md that no other test is about."""

import re
import secrets

import pytest

PAGES = ["/", "/auth/login", "/search?q=a", "/nope"]


def _addresses(app, method, values):
    """Every address that takes a method, besides those of the API and the probes."""
    return [
        re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: str(values[found[1]]), rule.rule)
        for rule in app.url_map.iter_rules()
        if method in rule.methods and not rule.rule.startswith("/api/")
    ]


def _image(author, picture):
    image_id, _, extension = author.upload(picture).json["url"].rpartition("/")[2].partition(".")
    return {"image_id": image_id, "extension": extension}


@pytest.fixture
def tables(rows):
    """Read all that a request could change."""
    names = ("user", "post", "comment", "image", "access_token", "post_revision", "login_session")
    return lambda: [rows(f"SELECT * FROM {name}") for name in names]  # noqa: S608 - names of ours


@pytest.fixture
def owned(author, post_id, rows, picture):
    """What an author has one of, by the names that the addresses use."""
    author.write("Mine")
    author.post("/posts/mine/comments", {"body": "said"})
    author.post("/account/tokens", {"name": "a token"})
    number = post_id("Mine")
    author.post(f"/{number}/update", {"title": "Mine", "body": "changed"})
    return {
        "post_id": number,
        "slug": "mine",
        "version": 1,
        "comment_id": rows("SELECT id FROM comment")[0]["id"],
        "token_id": rows("SELECT id FROM access_token")[0]["id"],
        **_image(author, picture),
    }


def test_every_address_that_changes_something_wants_a_token(app, author, owned, tables):
    before = tables()
    addresses = _addresses(app, "POST", owned)
    assert len(addresses) > 14
    for address in addresses:
        fields = {"title": "t", "body": "b", "username": "u", "password": "correct horse battery"}
        assert author.client.post(address, data=fields).status_code == 400, address
    assert tables() == before


def test_every_address_that_changes_something_wants_a_login(app, reader, owned, tables):
    addresses = [each for each in _addresses(app, "POST", owned) if not each.startswith("/auth/")]
    before = tables()
    assert len(addresses) > 11
    for address in addresses:
        answer = reader.post(address, {"title": "t", "body": "b", "password": "correct horse battery"})
        assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/auth/login"), address
    assert tables() == before


def test_nobody_changes_what_is_anothers(app, member, owned, tables):
    shared = _addresses(app, "POST", dict.fromkeys(owned, ""))
    addresses = set(_addresses(app, "POST", owned)) - set(shared) - {"/posts/mine/comments"}
    other, before = member(), tables()
    assert len(addresses) > 6
    for address in addresses:
        answer = other.post(address, {"title": "t", "body": "b", "version": "2"}, page="/create")
        assert answer.status_code in (403, 404), address
    assert tables() == before


def test_reading_changes_nothing(app, author, post_id, rows, picture):
    author.write("Mine")
    values = {"post_id": post_id("Mine"), "slug": "mine", "version": 1, "tag": "t", "username": author.name}
    values |= {"year": 2020, "month": 1, "filename": "style.css", **_image(author, picture)}
    tables = ("user", "post", "image", "comment", "access_token", "post_revision", "login_failure")
    before = [rows(f"SELECT * FROM {table}") for table in tables]  # noqa: S608 - names of ours
    for address in _addresses(app, "GET", values):
        assert author.get(address).status_code < 500, address
    assert [rows(f"SELECT * FROM {table}") for table in tables] == before  # noqa: S608 - names of ours


def test_logs_hold_no_secret(app, reader, capfd):
    name, password, body = f"user-{secrets.token_hex(4)}", secrets.token_urlsafe(), secrets.token_urlsafe()
    reader.register(name, password)
    reader.log_in(name, password)
    reader.log_in(name, f"wrong-{password}")
    token = re.search(r"blog_[\w-]{43}", reader.post("/account/tokens", {"name": "t"}).text)[0]
    reader.write("title", body)
    reader.get("/api/v1/posts", headers={"Authorization": f"Bearer {token}"})
    cookie = reader.client.get_cookie("blog_session").value
    app.chassis.close()
    log = "".join(capfd.readouterr())
    assert "/account/tokens" in log
    for secret in (password, body, token, cookie):
        assert secret not in log


def test_password_counts_to_its_last_character(reader):
    password = secrets.token_urlsafe(200)
    reader.register("Ann", password)
    assert reader.log_in("Ann", password[:-1]).status_code == 200
    assert reader.log_in("Ann", password).status_code == 302


def test_database_holds_no_token_of_a_session(author, rows, app):
    with author.client.session_transaction() as session:
        token = session["token"]
    assert len(token) >= 43
    assert token not in str(rows("SELECT * FROM login_session"))


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("/auth/login", ["username", "current-password"]),
        ("/auth/register", ["username", "new-password"]),
        ("/account", ["current-password", "new-password", "current-password"]),
    ],
)
def test_password_managers_know_the_fields(author, reader, tags_of, path, kinds):
    tags = tags_of((author if path == "/account" else reader).get(path).text)
    assert [attributes["autocomplete"] for _, attributes in tags if "autocomplete" in attributes] == kinds


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/posts", "/feed.json"])
def test_no_other_site_may_read(reader, path):
    for method in ("get", "options"):
        answer = getattr(reader.client, method)(path, headers={"Origin": "https://evil.test"})
        assert not [name for name in answer.headers.keys() if name.lower().startswith("access-control")]  # noqa: SIM118 - a list of pairs


@pytest.mark.parametrize("path", PAGES)
def test_page_says_what_it_is_and_tells_nobody_where_it_was(reader, path):
    answer = reader.get(path, headers={"Accept": "text/html"})
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_of_a_repeated_field_the_first_counts(author, rows):
    token = author.token("/create")
    author.client.post("/create", data={"csrf_token": token, "title": ["first", "second"]})
    assert rows("SELECT title FROM post")[0]["title"] == "first"


def test_browser_is_to_guess_run_and_frame_nothing(app, author, reader, owned):
    values = {**owned, "tag": "t", "username": author.name, "year": 2020, "month": 1, "filename": "style.css"}
    pages = 0
    for address in (*_addresses(app, "GET", values), "/nope", "/search?before=x"):
        for person in (author, reader):
            headers = person.get(address, headers={"Accept": "text/html"}).headers
            assert headers["X-Content-Type-Options"] == "nosniff", address
            if headers["Content-Type"].startswith("text/html"):
                pages += 1
                policy = headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy, address
                assert "unsafe" not in policy, address
                assert "frame-ancestors 'none'" in policy, address
    assert pages > 30


def test_address_is_no_place_for_a_login(author, reader, post_id):
    author.write("Mine", status="draft")
    token = re.search(r"blog_[\w-]{43}", author.post("/account/tokens", {"name": "t"}).text)[0]
    address = f"/api/v1/posts/{post_id('Mine')}"
    assert reader.get(address, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    for name in ("access_token", "token", "Authorization"):
        assert reader.get(address, query_string={name: token}).status_code == 404
    cookie = author.client.get_cookie("blog_session").value
    assert reader.get("/account", query_string={"blog_session": cookie}).status_code == 302
