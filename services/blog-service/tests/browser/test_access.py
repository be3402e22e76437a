"""Pages for everyone: assistive technology, keyboard, phone and desktop, light and dark."""

import secrets

import pytest

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
SERIOUS = ("serious", "critical")
TEXT = """# A heading

Some *text*, `code`.

```python
x = 1  # one
```

| a | b |
|---|---|
| 1 | 2 |
"""
SHIFTS = """new Promise((done) => new PerformanceObserver((list) => done(
  list.getEntries().reduce((sum, entry) => sum + (entry.hadRecentInput ? 0 : entry.value), 0)
)).observe({ type: "layout-shift", buffered: true }) ?? setTimeout(() => done(0), 300))"""


@pytest.fixture(scope="module")
def session(browser, blog, picture_file):
    """The cookies of an author with a post that has been changed, a comment and a token."""
    context = browser.new_context(base_url=blog)
    page, name, title = context.new_page(), f"Ada {secrets.token_hex(4)}", f"Post {secrets.token_hex(5)}"
    for path, button in (("/auth/register", "Register"), ("/auth/login", "Log in")):
        page.goto(path)
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill("correct horse battery")
        page.get_by_role("button", name=button).click()
    page.goto("/create")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Body").fill(TEXT)
    page.get_by_label("Tags").fill("history")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("article").filter(has_text=title).get_by_role("link", name="Edit").click()
    number = page.url.split("/")[-2]
    page.get_by_role("button", name="Save").click()
    page.goto(f"/{number}")
    page.get_by_label("Your comment").fill("My own.")
    page.get_by_role("button", name="Send").click()
    page.goto("/account")
    page.get_by_label("Name of the token").fill("laptop")
    page.get_by_role("button", name="Make a token").click()
    page.goto("/images")
    for words in ("The harbour", ""):
        page.get_by_label("Image", exact=True).set_input_files(picture_file)
        page.get_by_label("Description").fill(words)
        page.get_by_role("button", name="Upload").click()
    state = context.storage_state()
    context.close()
    return state, number


def _paths(number):
    mine = [f"/{number}", f"/{number}/update", f"/{number}/revisions", f"/{number}/revisions/1"]
    return [
        "/",
        "/search?q=text",
        "/tags/history",
        "/create",
        "/account",
        "/images",
        "/archive/2020/1",
        "/nope",
        *mine,
    ]


def _serious(page, axe):
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [
        (page.url, each["id"], [node["html"] for node in each["nodes"]])
        for each in found
        if each["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_page, session, axe, viewport, scheme):
    state, number = session
    faults = []
    for paths, who in ((["/auth/login", "/auth/register"], None), (_paths(number), state)):
        page = open_page(viewport=viewport, color_scheme=scheme, storage_state=who)
        for path in paths:
            page.goto(path)
            faults += _serious(page, axe)
    assert faults == []


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(open_page, session, width):
    state, number = session
    page = open_page(viewport={"width": width, "height": 800}, storage_state=state)
    for path in _paths(number):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == width, path


def test_page_is_light_and_does_not_jump(open_page, session):
    state, number = session
    page, sizes = open_page(storage_state=state), []
    page.on("response", lambda answer: sizes.append(len(answer.body())) if answer.ok else None)
    page.goto(f"/{number}/update")
    page.locator("#preview h1").wait_for()
    assert sum(sizes) < 50_000
    page.goto("/")
    assert page.evaluate(SHIFTS) < 0.02


def test_post_with_an_image_does_not_jump(open_page, session):
    state, _ = session
    page = open_page(storage_state=state)
    page.goto("/images")
    line = page.locator(".line").first.input_value()
    page.goto("/create")
    page.get_by_label("Title").fill(title := f"Post {secrets.token_hex(5)}")
    page.get_by_label("Body").fill(f"{line}\n\nA text below.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name=title, exact=True).click()
    assert (
        page.locator(".prose img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    )
    assert page.evaluate(SHIFTS) < 0.02


def test_every_page_works_without_its_scripts(open_page, session):
    state, number = session
    page = open_page(storage_state=state, java_script_enabled=False)
    for path in _paths(number):
        page.goto(path)
        assert page.get_by_role("main").is_visible(), path
        assert page.locator("button:visible:not(form *)").count() == 0, path


def test_keyboard_skips_to_the_content(open_page):
    page = open_page()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
