"""What holds for all pages: greeting, footer, headers, prefix, caching, hostile requests."""

import pytest
import sqlalchemy as sa

from blog_service.app import create_app


def test_hello(reader):
    answer = reader.get("/hello")
    assert (answer.status_code, answer.text) == (200, "Hello, World!")


@pytest.mark.parametrize("path", ["/", "/auth/login", "/auth/register", "/nope"])
def test_footer_has_the_version(reader, path):
    page = reader.get(path, headers={"Accept": "text/html"}).text
    assert "7.8.9-test" in page.split("<footer")[-1]


@pytest.mark.parametrize("path", ["/", "/hello", "/auth/login", "/feed.atom", "/static/style.css"])
def test_head_is_get_without_a_body(reader, path):
    answer = reader.client.head(path)
    assert (answer.status_code, answer.data) == (200, b"")


@pytest.mark.parametrize("path", ["/", "/auth/login", "/create", "/1/update", "/1/delete"])
def test_other_method_is_405(author, path):
    answer = author.client.put(path)
    assert answer.status_code in (302, 400, 405)
    assert author.client.put("/hello").status_code == 405


@pytest.mark.parametrize("path", ["/auth/login/", "/hello/", "/auth/register/"])
def test_trailing_slash_is_the_same_page(reader, path):
    assert reader.get(path).status_code == 200


def test_page_that_the_reader_has_is_304(author, reader):
    author.write("a post")
    for path in ("/", "/posts/a-post", f"/authors/{author.name}"):
        answer = reader.get(path)
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "Cookie" in answer.headers["Vary"]
        again = reader.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    author.write("another post")
    assert reader.get("/", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200


def test_changed_post_is_not_304(author, reader, post_id):
    author.write("a post", "old")
    etags = {path: reader.get(path).headers["ETag"] for path in ("/", "/posts/a-post")}
    author.post(f"/{post_id('a post')}/update", {"title": "a post", "body": "new"})
    for path, etag in etags.items():
        assert "new" in reader.get(path, headers={"If-None-Match": etag}).text


@pytest.mark.parametrize("path", ["/", "/account", "/create", "/posts/mine"])
def test_page_of_a_member_is_kept_by_no_cache(author, path):
    author.write("mine")
    answer = author.get(path)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers


def test_front_page_is_one_query(app, author, reader):
    for number in range(25):
        author.write(f"post {number}", tags="a, b")
    statements = []
    engine = app.extensions["blog_engine"]
    sa.event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    reader.get("/")
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1
    statements.clear()
    author.get("/")
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 2


def test_style_sheet_is_small_and_kept(reader, tags_of):
    (sheet,) = [a["href"] for tag, a in tags_of(reader.get("/").text) if a.get("rel") == "stylesheet"]
    answer = reader.get(sheet)
    assert answer.status_code == 200
    assert len(answer.data) < 20_000
    assert "max-age=31536000" in answer.headers["Cache-Control"]


@pytest.fixture
def prefixed(settings, clock):
    app = create_app(settings.model_copy(update={"root_path": "/blog"}), now=clock)
    yield app
    app.extensions["blog_engine"].dispose()
    app.chassis.close()


def test_everything_works_under_a_prefix(prefixed, tags_of):
    client = prefixed.test_client()

    def send(path, **form):
        page = client.get("/blog/auth/login").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        return client.post(f"/blog{path}", data={"csrf_token": token, **form})

    assert send("/auth/register", username="Ann", password="12345678").location == "/blog/auth/login"
    assert send("/auth/login", username="Ann", password="12345678").location == "/blog/"
    assert send("/create", title="A post").location == "/blog/"
    for path in ("/", "/posts/a-post", "/create", "/account"):
        page = client.get(f"/blog{path}")
        assert page.status_code == 200
        for tag, attributes in tags_of(page.text):
            for name in ("href", "src", "action"):
                address = attributes.get(name, "/blog")
                assert address.startswith(("/blog", "http://localhost/blog", "#", "?")), (tag, address)
    assert client.get_cookie("blog_session", path="/blog") is not None


@pytest.mark.parametrize(
    "path",
    [
        "/static/../settings.py",
        "/static/..%2fsettings.py",
        "/static/%2e%2e/settings.py",
        "/static/..\\settings.py",
        "/static//etc/passwd",
        "/static/style.css%00",
        "/static/",
        "/posts/../../etc/passwd",
        "/posts/%00",
        "/posts/" + "x" * 5000,
        "/tags/%ff%fe",
        "/tags/..",
        "/authors/%00",
        "/authors/../../x",
        "/99999999999999999999/update",
        "/-1",
        "/1e3",
        "/%31%00",
        "//evil.test",
    ],
)
def test_hostile_address_is_an_ordinary_error(reader, path):
    for method in ("get", "post"):
        answer = getattr(reader.client, method)(path)
        assert answer.status_code in (200, 301, 302, 308, 400, 404, 405), answer.status_code
        assert "evil.test" not in (answer.location or "").removeprefix("http://localhost")
        assert "SecretStr" not in answer.text
        assert "root:" not in answer.text


BODIES = [
    b"",
    b"\xff\xfe",
    b"title=\xff&body=\x00",
    b"title=%FF%FE&csrf_token=%00",
    b"&&&&====",
    b"title=" + b"a" * 100_000,
    b"a=b&" * 20_000,
    b"csrf_token=" + b"x" * 100_000,
]


@pytest.mark.parametrize(
    "path", ["/auth/login", "/auth/register", "/create", "/1/update", "/account/password"]
)
def test_hostile_body_is_refused(author, path):
    kinds = [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "a/b",
    ]
    for body in BODIES:
        for kind in kinds:
            answer = author.client.post(path, data=body, content_type=kind)
            assert answer.status_code in (400, 413), (body[:20], kind)


@pytest.mark.parametrize(
    "field", ["username", "title", "body", "tags", "publish_at", "status", "version", "next"]
)
def test_hostile_value_is_stored_whole_or_refused(author, rows, field):
    token = author.token("/auth/login")
    for value in ("\x00", "a\x00b", "\ud7ff", "\uffff", "\x1b[31m", "x" * 70_000, "%00", "\u202e"):
        form = {"title": "t", "username": "Ann", "password": "12345678", "csrf_token": token, field: value}
        for path in ("/create", "/auth/register"):
            assert author.client.post(path, data=form).status_code in (200, 302), value
        for row in rows("SELECT body FROM post"):
            assert row["body"] in ("", value)
        rows("DELETE FROM post")


@pytest.mark.parametrize(
    "query", ["?before=%00", "?before[]=x", "?before=x&before=y", "?%ff=%ff", "?" + "a=b&" * 3000]
)
def test_hostile_query_is_no_server_error(reader, query):
    assert reader.get(f"/{query}").status_code in (200, 400)


def test_error_page_looks_like_the_blog_and_tells_the_request(reader):
    answer = reader.get("/nope", headers={"Accept": "text/html", "X-Request-ID": "my-request"})
    assert answer.status_code == 404
    assert "my-request" in answer.text
    assert 'href="/"' in answer.text


def test_store_that_is_away_is_503(tmp_path, settings, clock):
    lost = settings.model_copy(
        update={"database_url": type(settings.flask_app_secret_key)(f"sqlite:///{tmp_path}/no/x")}
    )
    app = create_app(lost, now=clock)
    for accept in ("text/html", "application/json"):
        answer = app.test_client().get("/", headers={"Accept": accept})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "1"
        assert str(tmp_path) not in answer.text
    assert app.test_client().get("/readyz").status_code == 503
    assert app.test_client().get("/livez").status_code == 200
    app.chassis.close()


@pytest.mark.parametrize("path", ["/", "/tags/a", "/authors/{name}", "/archive/{month}", "/?before={before}"])
def test_list_that_the_reader_has_is_304_only_while_it_is_the_same(author, reader, post_id, clock, path):
    for number in range(22):
        author.write(f"post {number}", tags="a")
    before = f"{clock.time.replace(year=clock.time.year + 1):%Y-%m-%dT%H:%M:%S.%fZ}_1000000"
    path = path.format(name=author.name, month=f"{clock.time:%Y/%m}", before=before)

    def ask():
        have = reader.get(path).headers["ETag"]
        return lambda: reader.get(path, headers={"If-None-Match": have}).status_code

    same = ask()
    assert same() == 304
    author.post(f"/{post_id('post 20')}/update", {"title": "post 20", "body": "new", "tags": "a"})
    assert same() == 200
    same = ask()
    assert "Older posts" in reader.get(path).text
    author.post(f"/{post_id('post 0')}/delete")
    assert same() == 304
    author.post(f"/{post_id('post 1')}/delete")
    assert same() == 200
    assert "Older posts" not in reader.get(path).text
