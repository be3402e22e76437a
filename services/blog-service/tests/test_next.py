"""After a login: back to the page, and never to another site."""

from urllib.parse import quote

import pytest

PASSWORD = "correct horse battery"


@pytest.mark.parametrize("path", ["/create", "/1/update", "/account", "/create?x=1&y=%C3%A9"])
def test_login_leads_back_to_the_page(reader, path):
    reader.register("Ann")
    login = reader.get(path)
    assert login.status_code == 302
    assert login.location.startswith("/auth/login?next=")
    page = reader.get(login.location).text
    target = page.split('name="next" value="')[1].split('"')[0].replace("&amp;", "&")
    assert reader.log_in("Ann", next=target).location == path


@pytest.mark.parametrize(
    "target",
    [
        "//evil.test",
        "///evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "https://evil.test/",
        "http:evil.test",
        "javascript:alert(1)",
        "evil.test",
        "/\t/evil.test",
        "\t//evil.test",
        "/\n/evil.test",
        "/x\r\nSet-Cookie: a=b",
        " /create",
        "/create\x00",
        "/a\\..\\b",
        "",
        "?x",
        "#x",
        "/auth/logout",
        "/auth/login",
        "/" + "x" * 5000,
    ],
)
@pytest.mark.parametrize("place", ["form", "query"])
def test_other_next_is_ignored(reader, target, place):
    reader.register("Ann")
    if place == "form":
        answer = reader.log_in("Ann", next=target)
    else:
        answer = reader.post(f"/auth/login?next={quote(target)}", {"username": "Ann", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (302, "/")
    assert "evil" not in str(answer.headers)


def test_next_survives_a_failed_login(reader):
    reader.register("Ann")
    page = reader.log_in("Ann", "wrong words", next="/create").text
    assert 'name="next" value="/create"' in page


def test_next_is_escaped_on_the_form(reader):
    page = reader.get('/auth/login?next=/"><script>alert(1)</script>').text
    assert "<script" not in page


@pytest.mark.parametrize("target", ["/create", "/blog/create"])
def test_next_under_a_prefix_stays_under_it(reader, target):
    prefix = {"X-Forwarded-Prefix": "/blog"}
    token = (
        reader.get("/auth/register", headers=prefix).text.split('name="csrf_token" value="')[1].split('"')[0]
    )
    form = {"csrf_token": token, "username": "Ann", "password": PASSWORD}
    reader.client.set_cookie("blog_session", reader.client.get_cookie("blog_session", path="/blog").value)
    assert reader.client.post("/auth/register", data=form, headers=prefix).location == "/blog/auth/login"
    answer = reader.client.post("/auth/login", data={**form, "next": target}, headers=prefix)
    assert answer.location == "/blog/create"


def test_other_service_of_the_host_is_not_this_site(reader):
    reader.register("Ann")
    answer = reader.client.get("/create", headers={"X-Forwarded-Prefix": "/blog"})
    assert answer.location == "/blog/auth/login?next=/blog/create"
