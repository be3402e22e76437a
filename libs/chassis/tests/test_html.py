import base64
import hashlib
import re
from html.parser import HTMLParser

from markupsafe import Markup

from chassis._html import html_page


class Outline(HTMLParser):
    """Checks that every element is closed, and keeps what it saw."""

    def __init__(self, page):
        super().__init__()
        self.open, self.seen, self.text = [], [], ""
        self.feed(page)
        self.close()

    def handle_decl(self, decl):
        self.seen.append(decl)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_page_is_a_whole_document():
    outline = Outline(html_page("Title", Markup("<p>Body</p>"), lang="de").content.decode())
    assert outline.open == []
    assert outline.seen[0] == "DOCTYPE html"
    assert outline.seen[1] == ("html", {"lang": "de"})
    assert ("meta", {"charset": "utf-8"}) in outline.seen
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in outline.seen
    assert [tag for tag, _ in outline.seen[2:]].count("title") == 1
    assert ("p", {}) in outline.seen


def test_title_and_plain_body_are_escaped():
    page = html_page("</title><script>1</script>", "<img src=x> & more", lang='"><script>').content
    assert b"<script" not in page
    assert b"<img" not in page
    assert b"&lt;img src=x&gt; &amp; more" in page


def test_braces_are_text():
    assert b"{body} {0} {lang.__class__}" in html_page("{title}", "{body} {0} {lang.__class__}").content


def test_policy_admits_the_style_sheet_and_nothing_else():
    page = html_page("t", "b")
    style = re.search(rb"<style>(.*?)</style>", page.content, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    policy = page.headers["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    for directive in (
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ):
        assert directive in policy
    assert "unsafe" not in policy


def test_both_colour_schemes_are_supported():
    assert b"color-scheme: light dark" in html_page("t", "b").content


def test_nothing_is_loaded_from_elsewhere():
    assert not re.search(rb"(?:src|href|url|@import)\s*[=(]?", html_page("t", "b").content)


def test_headers_of_one_page_are_its_own():
    html_page("t", "b").headers["Content-Type"] = "changed"
    assert html_page("t", "b").headers["Content-Type"] == "text/html; charset=utf-8"


def test_lone_surrogate_does_not_break_the_page():
    assert b"a?" in html_page("t", "a\ud800").content
