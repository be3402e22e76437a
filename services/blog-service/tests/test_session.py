"""The session: its cookie, its renewal, its end; and the CSRF token in every form."""

import pytest

PASSWORD = "correct horse battery"


def _cookie(answer):
    (header,) = [value for value in answer.headers.getlist("Set-Cookie") if value.startswith("blog_session=")]
    return header


def test_cookie_is_kept_from_scripts_and_other_sites(reader):
    cookie = _cookie(reader.get("/auth/login"))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie


def test_cookie_is_secure_behind_https(reader):
    cookie = _cookie(
        reader.get("/auth/login", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"})
    )
    assert "Secure" in cookie


def test_forged_https_header_from_elsewhere_is_ignored(reader):
    environ = {"REMOTE_ADDR": "192.0.2.7"}
    cookie = _cookie(
        reader.get("/auth/login", headers={"X-Forwarded-Proto": "https"}, environ_overrides=environ)
    )
    assert "Secure" not in cookie


def test_login_renews_the_session(reader):
    reader.register("Ann")
    reader.get("/auth/login")
    before = reader.client.get_cookie("blog_session").value
    token = reader.token("/auth/login")
    reader.log_in("Ann")
    assert reader.client.get_cookie("blog_session").value != before
    answer = reader.client.post("/create", data={"csrf_token": token, "title": "t"})
    assert answer.status_code == 400


def test_cookie_of_a_session_that_was_ended_is_worth_nothing(author, reader):
    stolen = author.client.get_cookie("blog_session").value
    author.post("/auth/logout")
    reader.client.set_cookie("blog_session", stolen)
    assert reader.get("/create").status_code == 302


@pytest.mark.parametrize("value", ["", "x", "a.b.c", "eyJ0b2tlbiI6ImEifQ.aaaa.bbbb", "é" * 20, "." * 4000])
def test_broken_cookie_is_no_session(reader, value):
    reader.client.set_cookie("blog_session", value)
    assert reader.get("/").status_code == 200
    assert reader.get("/create").status_code == 302


def test_session_ends_after_thirty_days(author, clock):
    clock.turn(days=31)
    assert author.get("/create").status_code == 302


def test_reader_without_a_session_gets_no_cookie(reader):
    for path in ("/", "/hello", "/feed.atom", "/authors/nobody"):
        assert "Set-Cookie" not in reader.get(path).headers


POSTS = [
    ("/auth/register", {"username": "Zoe", "password": PASSWORD}),
    ("/auth/login", {"username": "Zoe", "password": PASSWORD}),
    ("/auth/logout", {}),
    ("/create", {"title": "typed title", "body": "typed <b>body</b>"}),
    ("/1/update", {"title": "typed title", "body": "typed <b>body</b>"}),
    ("/1/delete", {}),
    ("/account/password", {"current_password": PASSWORD, "new_password": "another one"}),
    ("/account/delete", {"password": PASSWORD}),
]


@pytest.mark.parametrize(("path", "form"), POSTS)
def test_post_without_a_good_token_is_refused(author, rows, path, form):
    before = rows("SELECT * FROM user"), rows("SELECT * FROM post")
    for token in (None, "", "wrong", "IjAi.aaaa.bbbb", "é\x00"):
        fields = form if token is None else {**form, "csrf_token": token}
        assert author.client.post(path, data=fields).status_code == 400, token
    assert (rows("SELECT * FROM user"), rows("SELECT * FROM post")) == before
    assert author.get("/create").status_code == 200


def test_token_of_another_session_is_refused(member):
    ann, bob = member(), member()
    answer = ann.client.post("/create", data={"csrf_token": bob.token("/create"), "title": "t"})
    assert answer.status_code == 400


def test_refused_form_keeps_what_was_typed(author):
    answer = author.client.post(
        "/create", data={"title": 'a "title"', "body": "\n<b>text</b>", "status": "draft"}
    )
    assert 'value="a &#34;title&#34;"' in answer.text
    assert "\n\n&lt;b&gt;text&lt;/b&gt;</textarea>" in answer.text
    assert 'type="hidden" name="status" value="draft"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_refused_form_can_be_sent_again(author, rows):
    page = author.client.post("/create", data={"title": "kept"}).text
    token = page.rsplit('name="csrf_token" value="', 1)[1].split('"')[0]
    assert author.client.post("/create", data={"csrf_token": token, "title": "kept"}).status_code == 302
    assert len(rows("SELECT * FROM post WHERE title = 'kept'")) == 1


def test_refused_form_shows_no_password(reader):
    answer = reader.client.post("/auth/register", data={"username": "Ann", "password": "secret words"})
    assert "secret words" not in answer.text
    assert 'value="Ann"' in answer.text


def test_refused_deletion_offers_no_button_to_repeat_it(author):
    assert "/1/delete" not in author.client.post("/1/delete").text


def test_every_form_has_a_token(author, post_id):
    author.write("mine")
    for path in ("/", "/create", f"/{post_id('mine')}/update", "/account", "/auth/login", "/auth/register"):
        page = author.get(path).text
        assert page.count("<form") == page.count('name="csrf_token"') > 0
