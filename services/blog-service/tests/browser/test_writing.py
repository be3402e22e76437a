"""The main paths, as somebody with a browser goes them."""

import re
import secrets
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"


def _write(page, title, body, tags="", *, draft=False, publish_at=""):
    page.goto("/create")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Body").fill(body)
    page.get_by_label("Tags").fill(tags)
    if draft:
        page.get_by_label("Keep as a draft").check()
    page.get_by_label("Publish at").fill(publish_at)
    page.get_by_role("button", name="Save").click()


def _title():
    return f"Moth {secrets.token_hex(5)}"


def _log_in(page, name, password):
    page.goto("/auth/login")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def _delete_account(page, password):
    page.goto("/account")
    page.get_by_text("Delete the account").click()
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Delete account and posts").click()


def test_preview_follows_the_typing(open_page, enter):
    page = open_page()
    enter(page)
    page.goto("/create")
    expect(page.get_by_role("region", name="Preview")).to_be_hidden()
    page.get_by_label("Body").fill("A **bold** word <img src=x onerror=alert(1)>")
    expect(page.locator("#preview strong")).to_have_text("bold")
    assert page.locator("#preview img").count() == 0


def test_draft_is_published_found_and_commented(open_page, enter):
    author, other, title = open_page(), open_page(), _title()
    enter(author)
    _write(author, title, "It was *taped* in.", "history", draft=True)
    author.goto("/account")
    author.get_by_role("link", name=title, exact=True).click()
    expect(author.get_by_text("Draft: only you can see this.")).to_be_visible()
    address = author.url
    enter(other)
    assert other.goto(address).status == 404

    author.get_by_role("link", name="Edit").click()
    author.get_by_label("Publish", exact=True).check()
    author.get_by_role("button", name="Save").click()
    other.goto("/search")
    other.get_by_role("searchbox").fill(title.lower())
    other.get_by_role("button", name="Search").click()
    other.get_by_role("link", name=title, exact=True).click()
    other.get_by_label("Your comment").fill("Is it kept?")
    other.get_by_role("button", name="Send").click()
    expect(other.get_by_text("waits for approval")).to_be_visible()

    author.goto(address)
    author.get_by_role("button", name="Approve").click()
    expect(author.get_by_text("waits for approval")).to_have_count(0)
    reader = open_page()
    reader.goto(address)
    expect(reader.get_by_text("Is it kept?")).to_be_visible()
    reader.get_by_role("link", name="history").click()
    expect(reader.get_by_role("heading", name=title)).to_be_visible()


def test_scheduled_post_is_its_authors_until_its_time(open_page, enter):
    author, reader, title = open_page(timezone_id="Asia/Tokyo"), open_page(), _title()
    enter(author)
    _write(author, title, "It can wait.", publish_at="2999-01-31T09:00")
    author.goto("/account")
    expect(author.get_by_text("scheduled for 31 January 2999, 09:00 UTC")).to_be_visible()
    author.get_by_role("link", name=title, exact=True).click()
    expect(author.get_by_text("Scheduled for 31 January 2999, 09:00 UTC.")).to_be_visible()
    address = author.url
    assert reader.goto(address).status == 404
    for path in ("/", f"/search?q={title}"):
        reader.goto(path)
        expect(reader.get_by_role("main")).not_to_contain_text("It can wait.")

    author.get_by_role("link", name="Edit").click()
    expect(author.get_by_label("Publish at")).to_have_value("2999-01-31T09:00")
    author.get_by_label("Publish at").fill(f"{datetime.now(UTC):%Y-%m-%dT%H:%M}")
    author.get_by_role("button", name="Save").click()
    reader.goto("/")
    reader.get_by_role("link", name=title, exact=True).click()
    expect(reader).to_have_url(address)
    expect(reader.locator(".prose")).to_have_text("It can wait.")


def test_two_edits_lose_nothing(open_page, enter):
    page, title = open_page(), _title()
    enter(page)
    _write(page, title, "first")
    page.get_by_role("article").filter(has_text=title).get_by_role("link", name="Edit").click()
    edit, second = page.url, page.context.new_page()
    second.goto(edit)
    second.get_by_label("Body").fill("second")
    second.get_by_role("button", name="Save").click()
    page.get_by_label("Body").fill("third")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This post was changed while you were writing.")).to_be_visible()
    expect(page.locator("pre.source")).to_have_text("second")
    expect(page.get_by_label("Body")).to_have_value("third")
    page.get_by_role("button", name="Save mine").click()
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.locator(".prose")).to_have_text("third")
    page.get_by_role("link", name="Earlier texts").click()
    page.get_by_text("version 2").locator("..").get_by_role("link").click()
    page.get_by_role("button", name="Restore this text").click()
    expect(page.locator(".prose")).to_have_text("second")


def test_posts_leave_and_come_back(open_page, enter, tmp_path):
    page, title = open_page(), _title()
    enter(page)
    _write(page, title, "text", draft=True)
    page.goto("/account")
    with page.expect_download() as download:
        page.get_by_role("link", name="export").click()
    download.value.save_as(tmp_path / "posts.zip")
    page.get_by_label("Archive to import").set_input_files(tmp_path / "posts.zip")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("1 post is imported.")).to_be_visible()
    expect(page.get_by_role("link", name=title, exact=True)).to_have_count(2)


def test_image_is_added_while_writing(open_page, enter, picture_file):
    page, title = open_page(), _title()
    enter(page)
    page.goto("/create")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Body").fill("Look: ")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add an image").click()
    chooser.value.set_files(picture_file)
    expect(page.get_by_text("Added. Say what the image shows.")).to_be_visible()
    page.keyboard.type("the sea")
    expect(page.locator("#preview").get_by_role("img", name="the sea")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("img", name="the sea")).to_have_attribute("width", "640")


def test_refused_image_is_told_while_writing(open_page, enter, tmp_path):
    page = open_page()
    enter(page)
    page.goto("/create")
    (tmp_path / "a.png").write_bytes(b"no image")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add an image").click()
    chooser.value.set_files(tmp_path / "a.png")
    expect(page.get_by_text("This is no PNG, JPEG, WebP or GIF image.")).to_be_visible()
    expect(page.get_by_label("Body")).to_have_value("")


def test_token_is_made_and_revoked(open_page, enter):
    page = open_page(viewport={"width": 390, "height": 600})
    enter(page)
    page.goto("/account")
    page.get_by_label("Name of the token").fill("laptop")
    page.get_by_role("button", name="Make a token").click()
    expect(page.locator(".secret")).to_be_in_viewport()
    token = page.locator(".secret").inner_text()
    send = {"Authorization": f"Bearer {token}"}
    assert page.request.get("/api/v1/posts", headers=send).status == 200
    page.get_by_role("button", name="Revoke laptop").click()
    expect(page.get_by_text("The token is revoked.")).to_be_visible()
    assert page.request.get("/api/v1/posts", headers=send).status == 401


def test_changed_password_ends_the_other_sessions(open_page, enter):
    page, other, new = open_page(), open_page(), "another horse battery"
    name = enter(page)
    _log_in(other, name, PASSWORD)
    expect(other.get_by_role("link", name=name)).to_be_visible()
    page.goto("/account")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill(new)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_be_visible()
    other.goto("/account")
    expect(other).to_have_url(re.compile("/auth/login"))
    _log_in(other, name, PASSWORD)
    expect(other.get_by_text("Incorrect username or password.")).to_be_visible()
    _log_in(other, name, new)
    expect(other.get_by_role("link", name=name)).to_be_visible()


def test_deleted_account_is_gone_with_its_posts(open_page, enter):
    page, title = open_page(viewport={"width": 390, "height": 600}), _title()
    name = enter(page)
    _write(page, title, "text")
    page.get_by_role("link", name=title, exact=True).click()
    address = page.url
    _delete_account(page, "wrong horse battery")
    expect(page.get_by_text("Incorrect password.")).to_be_in_viewport()
    assert page.goto(address).status == 200
    _delete_account(page, PASSWORD)
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    expect(page.get_by_role("link", name=title, exact=True)).to_have_count(0)
    assert page.goto(address).status == 404
    _log_in(page, name, PASSWORD)
    expect(page.get_by_text("Incorrect username or password.")).to_be_visible()


def test_everything_works_without_javascript(open_page, enter, picture_file):
    page, title = open_page(java_script_enabled=False), _title()
    enter(page)
    page.goto("/create")
    page.get_by_role("link", name="Your images").click()
    page.get_by_label("Image", exact=True).set_input_files(picture_file)
    page.get_by_label("Description").fill("The sea")
    page.get_by_role("button", name="Upload").click()
    _write(page, title, "plain " + page.get_by_label("Markdown of The sea").input_value())
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.locator(".prose")).to_have_text("plain")
    expect(page.get_by_role("img", name="The sea")).to_be_visible()
    page.get_by_role("link", name="Edit").click()
    page.get_by_text("Delete this post").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("link", name=title, exact=True)).to_have_count(0)
