"""Markup in every stored field: shown as text, never active."""

from urllib.parse import quote

import pytest

from blog_service.posts.markdown import render_markdown

VECTORS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.test/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<math><mtext><table><mglyph><style><img src onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<form action=javascript:alert(1)><button>x",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<base href=//evil.test/>",
    "<meta http-equiv=refresh content='0;url=//evil.test'>",
    "<link rel=stylesheet href=//evil.test/x.css>",
    "<style>*{background:url(//evil.test)}</style>",
    "<div style='background:url(javascript:alert(1))'>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</pre></code><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "{{ 7*7 }}{% raw %}<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](<javascript:alert(1)>)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    '![x](x"onerror="alert(1))',
    '[x](/ "onmouseover=alert(1)//")',
    '```"><script>alert(1)</script>\nx\n```',
    "```html\n<script>alert(1)</script>\n```",
    "    <script>alert(1)</script>",
    "`<script>alert(1)</script>`",
    "| <script>alert(1)</script> | x |\n|---|---|\n| <img src=x onerror=alert(1)> | y |",
    "# <script>alert(1)</script>",
    "> <script>alert(1)</script>",
    "- <script>alert(1)</script>",
    "**<script>alert(1)</script>**",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<xmp><script>alert(1)</script></xmp>",
    "<template><script>alert(1)</script></template>",
    "\u2028<script>alert(1)</script>",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
]
SAFE = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "link",
        "body",
        "a",
        "header",
        "nav",
        "form",
        "input",
        "button",
        "main",
    ),
    *(
        "footer",
        "p",
        "span",
        "article",
        "h1",
        "h2",
        "h3",
        "time",
        "ul",
        "ol",
        "li",
        "div",
        "section",
        "label",
    ),
    *(
        "textarea",
        "fieldset",
        "legend",
        "details",
        "summary",
        "em",
        "strong",
        "code",
        "pre",
        "blockquote",
        "img",
    ),
    *("table", "thead", "tbody", "tr", "th", "td", "hr", "br", "s", "h4", "h5", "h6", "del"),
}
URLS = ("href", "src", "action", "formaction", "data")


def _is_own_script(tag, attributes):
    return tag == "script" and (attributes.get("src") or "").startswith("/static/preview.js?v=")


def _active(tags):
    """What of a page could run or load something that the page itself did not ask for."""
    found = [tag for tag, attributes in tags if tag not in SAFE and not _is_own_script(tag, attributes)]
    for tag, attributes in tags:
        found += [name for name in attributes if name.startswith("on") or name in ("style", "srcdoc")]
        urls = [(attributes.get(name) or "").strip().lower() for name in URLS]
        found += [url for url in urls if url.startswith(("javascript:", "data:", "vbscript:", "//"))]
        if tag == "meta":
            found += [name for name in attributes if name == "http-equiv"]
    return found


@pytest.mark.parametrize("vector", VECTORS)
def test_rendered_markdown_is_never_active(tags_of, vector):
    assert _active(tags_of(render_markdown(vector))) == []


@pytest.mark.parametrize("vector", VECTORS)
def test_rendered_markdown_is_never_active_inside_a_line(tags_of, vector):
    assert _active(tags_of(render_markdown(f"some *text {vector} goes* on"))) == []


def test_markup_in_every_field_stays_text(author, reader, tags_of, rows):
    for vector in VECTORS:
        line = vector.replace("\n", " ").replace("\u2028", " ")
        assert author.write(line[:255], vector).status_code == 302
        rows("UPDATE user SET username = :name", name=line)
        for path in ("/", "/create", "/account", f"/authors/{quote(line)}"):
            assert _active(tags_of(author.get(path).text)) == [], vector
    for post in rows("SELECT id, slug FROM post"):
        assert _active(tags_of(reader.get(f"/posts/{post['slug']}").text)) == []
        assert _active(tags_of(author.get(f"/{post['id']}/update").text)) == []


def test_markup_in_a_refused_form_stays_text(author, tags_of):
    token = author.token("/create")
    for vector in VECTORS:
        form = dict.fromkeys(("body", "tags", "publish_at", "version", "status", "username", "next"), vector)
        for path in ("/create", "/auth/register"):
            assert _active(tags_of(author.client.post(path, data=form).text)) == [], vector
            answer = author.client.post(path, data={**form, "csrf_token": token})
            assert answer.status_code == 200
            assert _active(tags_of(answer.text)) == [], vector


@pytest.mark.parametrize("vector", VECTORS[:3])
def test_markup_in_a_failed_login_stays_text(reader, tags_of, vector):
    assert _active(tags_of(reader.log_in(vector, vector, next=vector).text)) == []


@pytest.mark.parametrize("path", ["/<script>alert(1)</script>", "/posts/<img src=x onerror=alert(1)>"])
def test_markup_in_an_address_stays_text(reader, tags_of, path):
    answer = reader.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert _active(tags_of(answer.text)) == []


@pytest.mark.parametrize("path", ["/", "/auth/login", "/auth/register", "/nope", "/create"])
def test_page_admits_no_inline_code(reader, path):
    answer = reader.get(path, headers={"Accept": "text/html"})
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in answer.text
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
