"""The blog as people use it: a real browser, by path and by host name."""

import secrets
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

PASSWORD = "correct horse battery"


@pytest.fixture(params=["path", "host"])
def address(request, stack):
    return (
        f"{stack.public_url}/blog/"
        if request.param == "path"
        else f"{stack.url.split(':')[0]}://{stack.host('blog')}/"
    )


def enter(page: Page, address: str, name: str = "") -> str:
    """Register and log in as somebody new, and tell their name."""
    name = name or f"Grace {secrets.token_hex(6)}"
    page.goto(address)
    page.get_by_role("link", name="Register").click()
    for button in ("Register", "Log in"):
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name=button).click()
    expect(page.get_by_role("link", name=name)).to_be_visible()
    return name


def write(page: Page, title: str, body: str) -> None:
    page.get_by_role("link", name="Write", exact=True).click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Body").fill(body)
    page.get_by_role("button", name="Save").click()


def entry(page: Page, title: str):
    return page.get_by_role("article").filter(has=page.get_by_role("heading", name=title, exact=True))


def test_a_day_on_the_blog(new_page, address):
    page, other = new_page(), new_page()
    name, title = enter(page, address), f"Post {secrets.token_hex(6)}"

    write(page, title, "One **bold** word.")
    expect(page).to_have_url(address)
    expect(entry(page, title)).to_contain_text(name)

    entry(page, title).get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Body")).to_have_value("One **bold** word.")
    edit = page.url
    page.get_by_label("Body").fill("Another *word*.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.locator(".prose em")).to_have_text("word")

    enter(other, address)
    expect(entry(other, title)).to_be_visible()
    expect(entry(other, title).get_by_role("link", name="Edit")).to_have_count(0)
    answer = other.goto(edit)
    assert answer.status == 403
    expect(other.get_by_role("heading", name="Forbidden")).to_be_visible()

    page.goto(edit)
    page.get_by_text("Delete this post").click()
    page.get_by_role("button", name="Delete").click()
    expect(page).to_have_url(address)
    expect(entry(page, title)).to_have_count(0)

    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    page.goto(f"{address}create")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_login_leads_back_to_the_page(new_page, address):
    page = new_page()
    name = enter(page, address)
    page.get_by_role("button", name="Log out").click()
    page.goto(f"{address}create")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{address}create")


def test_markup_in_a_post_stays_text(new_page, address):
    page, markup = new_page(), f"<img src=x onerror=alert(1)><script>alert(2)</script> {secrets.token_hex(4)}"
    enter(page, address)
    write(page, markup, f"{markup}\n\n[link](javascript:alert(3)) <svg/onload=alert(4)>")
    entry(page, markup).get_by_role("link", name=markup, exact=True).click()
    expect(page.get_by_role("heading", name=markup)).to_be_visible()
    active = "script, img, svg, [onerror], [onload], [href^='javascript']"
    assert page.locator(f"main :is({active})").count() == 0


def test_markup_as_a_name_and_as_a_tag_stays_text(new_page, address):
    page, name = new_page(), f"<img src=x onerror=alert(1)> {secrets.token_hex(4)}"
    enter(page, address, name)
    page.get_by_role("link", name="Write", exact=True).click()
    page.get_by_label("Title").fill(f"By {name}")
    page.get_by_label("Tags").fill("<b>bold</b>")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("A tag is made of letters")).to_be_visible()
    page.get_by_label("Tags").fill("plain")
    page.get_by_role("button", name="Save").click()
    expect(entry(page, f"By {name}")).to_contain_text(f"by {name}")
    page.goto(f"{address}authors/{quote(name, safe='')}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    assert page.locator(":is(body) :is(script, img, b)").count() == 0


def test_markup_as_the_name_of_a_token_stays_text(new_page, address):
    page, markup = new_page(), f"<img src=x onerror=alert(1)><script>alert(2)</script> {secrets.token_hex(4)}"
    enter(page, address)
    page.goto(f"{address}account")
    page.get_by_label("Name of the token").fill(markup)
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_role("listitem").filter(has_text=markup)).to_be_visible()
    assert page.locator("main :is(script, img)").count() == 0
