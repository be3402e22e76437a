"""Pages for everyone: assistive technology, keyboard, phone and desktop, light and dark."""

import secrets
from functools import partial

import pytest

pytestmark = pytest.mark.browser

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
# How much has moved since the page was opened, after input too: making a window counts as some.
SHIFTS = """new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
  const observer = new PerformanceObserver(() => {});
  observer.observe({ type: "layout-shift", buffered: true });
  done(observer.takeRecords().reduce((sum, entry) => sum + entry.value, 0));
})))"""


@pytest.fixture(scope="module")
def session(browser, blog, picture_file):
    """The cookies of an author with a post that has been changed, hidden posts, a comment and a token."""
    context = browser.new_context(base_url=blog)
    page, name, title = context.new_page(), f"Ada {secrets.token_hex(4)}", f"Post {secrets.token_hex(5)}"
    for path, button in (("/auth/register", "Register"), ("/auth/login", "Log in")):
        page.goto(path)
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill("correct horse battery")
        page.get_by_role("button", name=button).click()
    for words, choice, moment in (
        ("Draft", "Keep as a draft", ""),
        ("Later", "Publish", "2999-01-31T09:00"),
        (title, "Publish", ""),
    ):
        page.goto("/create")
        page.get_by_label("Title").fill(words)
        page.get_by_label("Body").fill(TEXT)
        page.get_by_label("Tags").fill("history")
        page.get_by_label(choice, exact=True).check()
        page.get_by_label("Publish at").fill(moment)
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
        "/posts/later",
        *mine,
    ]


def _own_pages(number):
    """What an author sees, pages that only a form leads to included."""
    return [*_paths(number), partial(_edit_an_old_version, number), _send_an_expired_form, _make_a_token]


def _pages_of_readers(number):
    """What somebody sees who is not logged in."""
    return ["/", f"/{number}", "/search", "/search?q=nowhere", "/auth/register", "/auth/login"]


def _edit_an_old_version(number, page):
    page.goto(f"/{number}/update")
    page.locator("[name=version]").evaluate("field => field.value = 1")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Save mine").wait_for()


def _send_an_expired_form(page):
    page.goto("/create")
    page.get_by_label("Title").fill("Typed for long")
    page.get_by_label("Body").fill(TEXT)
    page.locator("form.wide [name=csrf_token]").evaluate("field => field.value = 'old'")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Send again").wait_for()


def _make_a_token(page):
    page.goto("/account")
    page.get_by_label("Name of the token").fill("laptop")
    page.get_by_role("button", name="Make a token").click()
    page.locator(".secret").wait_for()


def _open(page, place):
    if callable(place):
        place(page)
    else:
        page.goto(place)
    if page.locator("#preview").count() and page.get_by_label("Body").input_value():
        page.locator("#preview h1").wait_for()


def _forget_files(page):
    """Have each page load all of its files again."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})


def _requests_of(page):
    """A list of what the page that is open has asked for."""
    sent = []

    def note(request):
        if request.is_navigation_request():
            sent.clear()
        sent.append(request)

    page.on("request", note)
    return sent


def _serious(page, axe):
    """What axe finds in the page as it is, light and dark."""
    page.evaluate(axe)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for each in page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]:
            if each["impact"] in SERIOUS:
                yield page.url, scheme, each["id"], [node["html"] for node in each["nodes"]]


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing_serious(open_page, session, axe, viewport):
    state, number = session
    faults = []
    for places, who in ((_pages_of_readers(number), None), (_own_pages(number), state)):
        page = open_page(viewport=viewport, storage_state=who)
        for place in places:
            _open(page, place)
            faults += _serious(page, axe)
    assert faults == []


def test_nothing_is_wider_than_the_screen(open_page, session):
    state, number = session
    page = open_page(storage_state=state)
    for place in _own_pages(number):
        _open(page, place)
        for width in (320, 390, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") == width, place


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_is_light_and_does_not_jump(open_page, session, viewport):
    state, number = session
    for places, who in ((_pages_of_readers(number), None), (_own_pages(number), state)):
        page = open_page(viewport=viewport, storage_state=who)
        _forget_files(page)
        sent = _requests_of(page)
        for place in places:
            _open(page, place)
            sizes = [each.sizes()["responseBodySize"] for each in sent if each.resource_type != "image"]
            assert min(sizes) > 0, place
            assert sum(sizes) < 50_000, place
            assert page.evaluate(SHIFTS) < 0.02, place
    page.evaluate("document.querySelector('main').style.marginTop = '30vh'")
    assert page.evaluate(SHIFTS) > 0.02


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
