"""blog-service through its forms: who may do what, and where it leads, by path and by host name."""

import re
import secrets
import struct
import zlib

import pytest


@pytest.fixture(params=["", "localhost"], ids=["path", "host"])
def way(request):
    return request.param


@pytest.fixture
def title():
    return f"Title {secrets.token_hex(8)}"


@pytest.fixture(scope="module")
def author(new_person):
    return new_person()


@pytest.fixture(scope="module")
def stranger(new_person):
    return new_person()


@pytest.fixture
def reader(new_client, way):
    return new_client("blog", way)


def test_hello(reader):
    answer = reader.get("/hello")
    assert (answer.text, answer.headers["content-type"]) == ("Hello, World!", "text/plain; charset=utf-8")


def test_every_link_of_the_front_page_leads_somewhere(author, reader, way, title):
    author.write(title)
    page = reader.get("/")
    links = set(re.findall(r'(?:href|src|action)="([^"#?][^"]*)"', page.text))
    prefix = "/" if way else "/blog/"
    paths = {re.sub(r"^https?://[^/]+", "", link) for link in links}
    assert len(paths) > 5
    assert [path for path in paths if not path.startswith(prefix)] == []
    answers = {path: reader.get(path.removeprefix("" if way else "/blog")).status_code for path in paths}
    assert {path: status for path, status in answers.items() if status not in (200, 302)} == {}


def test_absolute_links_name_the_host_that_was_asked(author, reader, way, stack, title):
    author.write(title)
    public = f"http://{stack.host('blog')}/" if way else f"{stack.public_url}/blog/"
    assert f'<link rel="canonical" href="{public}">' in reader.get("/").text
    feed = reader.get("/feed.atom").text
    assert f'href="{public}feed.atom"' in feed
    assert f'href="{public}posts/' in feed


def _picture(width: int, height: int) -> bytes:
    """A PNG of noise, which nothing packs."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))

    rows = b"".join(b"\0" + secrets.token_bytes(3 * width) for _ in range(height))
    header = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(*part) for part in ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    )


def _upload(person, content: bytes):
    fields = {"csrf_token": person.token(), "alt": "noise"}
    return person.client.post("/images", data=fields, files={"file": ("a.png", content)})


def test_image_is_shown_by_path_and_by_host(author, reader, way, title):
    uploaded = _upload(author, _picture(1200, 1300))
    assert (uploaded.status_code, uploaded.headers["location"][:19]) == (302, "/blog/images#image-")
    line = re.findall(r'value="(!\[noise\]\([^"]+)"', author.client.get("/images").text)[0]
    number = author.write(title, line)
    page = reader.get(f"/{number}", follow_redirects=True).text
    (address,) = re.findall(r'<img [^>]*src="([^"]+)"', page)
    assert address.startswith("/images/" if way else "/blog/images/")
    image = reader.get(address.removeprefix("" if way else "/blog"))
    assert image.headers["content-type"] == "image/png"
    assert "immutable" in image.headers["cache-control"]
    assert "sandbox" in image.headers["content-security-policy"]


def test_image_past_its_limit_is_refused(author):
    assert _upload(author, _picture(1200, 1300) + bytes(700_000)).status_code in (413, 422)
    assert _upload(author, bytes(8 << 20)).status_code == 413


def test_redirects_and_cookie_stay_with_the_blog(new_person, way):
    prefix = "" if way else "/blog"
    person = new_person(way)
    answer = person.log_in()
    assert (answer.status_code, answer.headers["location"]) == (302, f"{prefix}/")
    cookie = answer.headers["set-cookie"]
    assert re.search(r"; HttpOnly(;|$)", cookie)
    assert re.search(r"; SameSite=Lax(;|$)", cookie)
    assert re.search(rf"; Path={prefix or '/'}(;|$)", cookie)
    person.client.cookies.clear()
    answer = person.client.get("/create")
    assert (answer.status_code, answer.headers["location"]) == (
        302,
        f"{prefix}/auth/login?next={prefix}/create",
    )


def test_post_is_written_edited_and_deleted(author, title):
    post = author.write(title, "First *body*.")
    page = author.client.get(f"/{post}", follow_redirects=True)
    assert (page.status_code, "First <em>body</em>." in page.text) == (200, True)
    assert author.post(f"/{post}/update", title=f"{title} again", body="Second.").status_code == 302
    assert "Second." in author.client.get(f"/{post}", follow_redirects=True).text
    assert author.post(f"/{post}/delete").status_code == 302
    assert author.client.get(f"/{post}").status_code == 404


def test_other_user_may_not_change_a_post(author, stranger, title):
    post = author.write(title)
    assert stranger.client.get(f"/{post}/update").status_code == 403
    assert stranger.post(f"/{post}/update", title="Mine", body="").status_code == 403
    assert stranger.post(f"/{post}/delete").status_code == 403
    assert title in stranger.client.get(f"/{post}", follow_redirects=True).text


def test_who_is_not_logged_in_is_asked_to(author, reader, way, title):
    post = author.write(title)
    login = ("" if way else "/blog") + "/auth/login"
    for path in (f"/{post}/update", f"/{post}/delete", "/create"):
        answer = reader.post(path, data={"title": "Mine"})
        assert answer.status_code == 302
        assert answer.headers["location"].partition("?")[0] == login
    assert title in reader.get(f"/{post}", follow_redirects=True).text


def test_form_without_its_token_is_400_and_keeps_what_was_typed(author, title):
    answer = author.client.post("/create", data={"title": title, "body": "Long thought."})
    assert answer.status_code == 400
    assert title in answer.text
    assert "Long thought." in answer.text
    assert title not in author.client.get("/").text


def test_draft_is_for_its_author_only(author, stranger, title):
    answer = author.post("/create", title=title, body="", status="draft")
    assert answer.status_code == 302
    assert title in author.client.get("/account").text
    for path in ("/", f"/authors/{author.name}", "/feed.atom", "/feed.rss", "/feed.json"):
        assert title not in stranger.client.get(path).text


def test_logged_out_session_is_over(new_person):
    person = new_person()
    cookies = dict(person.client.cookies)
    assert person.post("/auth/logout").status_code == 302
    person.client.cookies.update(cookies)
    assert person.client.get("/create").status_code == 302


@pytest.mark.parametrize(
    ("path", "fields", "message"),
    [
        ("/auth/register", {"username": "", "password": "long enough"}, "Username is required."),
        ("/auth/register", {"username": "x", "password": ""}, "Password is required."),
        (
            "/auth/register",
            {"username": "x", "password": "1234567"},
            "Password must have at least 8 characters.",
        ),
        ("/create", {"title": "", "body": "x"}, "Title is required."),
        ("/create", {"title": "x" * 256, "body": "x"}, "Title must have at most 255 characters."),
    ],
)
def test_fault_is_told_on_the_form(author, path, fields, message):
    answer = author.post(path, **fields)
    assert (answer.status_code, message in answer.text) == (200, True)


def test_name_is_taken_in_any_letter_case(author, stranger):
    name = author.name.upper()
    answer = stranger.post("/auth/register", username=name, password="long enough")
    assert (answer.status_code, f"User {name} is already registered." in answer.text) == (200, True)


@pytest.mark.usefixtures("told_apart")
def test_failed_logins_are_slowed_down_for_their_address_only(new_client, new_person):
    person = new_person()
    for _ in range(5):
        answer = person.log_in("wrong password")
        assert (answer.status_code, "Incorrect username or password." in answer.text) == (200, True)
    refused = person.log_in()
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 900
    elsewhere = type(person)(new_client("blog"))
    elsewhere.name = person.name
    assert elsewhere.log_in().status_code == 302


@pytest.mark.parametrize(
    "target", ["//evil.example/", "/\\evil.example/", "https://evil.example/", "/\t/evil.example"]
)
def test_login_leads_to_no_other_site(author, target):
    answer = author.post("/auth/login", username=author.name, password="correct horse battery", next=target)
    assert (answer.status_code, answer.headers["location"]) == (302, "/blog/")
