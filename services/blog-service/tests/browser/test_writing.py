"""The main paths, as somebody with a browser goes them."""

import secrets

from playwright.sync_api import expect


def _write(page, title, body, tags="", *, draft=False):
    page.goto("/create")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Body").fill(body)
    page.get_by_label("Tags").fill(tags)
    if draft:
        page.get_by_label("Keep as a draft").check()
    page.get_by_role("button", name="Save").click()


def _title():
    return f"Moth {secrets.token_hex(5)}"


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
    page = open_page()
    enter(page)
    page.goto("/account")
    page.get_by_label("Name of the token").fill("laptop")
    page.get_by_role("button", name="Make a token").click()
    token = page.locator(".secret").inner_text()
    send = {"Authorization": f"Bearer {token}"}
    assert page.request.get("/api/v1/posts", headers=send).status == 200
    page.get_by_role("button", name="Revoke laptop").click()
    expect(page.get_by_text("The token is revoked.")).to_be_visible()
    assert page.request.get("/api/v1/posts", headers=send).status == 401


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
