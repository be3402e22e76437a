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
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<isindex action=javascript:alert(1)>",
    "<frameset onload=alert(1)>",
    "<applet code=x onerror=alert(1)>",
    "<keygen autofocus onfocus=alert(1)>",
    "<dialog open onclose=alert(1)>",
    "<x contenteditable onblur=alert(1)>x",
    "<p onclick=alert(1)>x</p>",
    "<table background=javascript:alert(1)>",
    "<td background=javascript:alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><use href=data:image/svg+xml,x></use></svg>",
    "<svg><foreignObject><iframe src=javascript:alert(1)></foreignObject></svg>",
    "<svg><set attributeName=href to=javascript:alert(1)></svg>",
    "<math href=javascript:alert(1)>x</math>",
    "<math><annotation-xml encoding=text/html><script>alert(1)</script></annotation-xml></math>",
    '<a href="jav\tascript:alert(1)">x</a>',
    '<a href="\x01javascript:alert(1)">x</a>',
    "<a href=//evil.test>x</a>",
    "<a target=_blank href=javascript:alert(1)>x</a>",
    "<img srcset='x 1x, javascript:alert(1) 2x'>",
    '<img src="x" style="behavior:url(#x)">',
    "<img src=x:x onerror\n=alert(1)>",
    "<img src='x'onerror='alert(1)'",
    "<<img src=x onerror=alert(1)>>",
    "<script\n>alert(1)</script\n>",
    "<script/x>alert(1)</script>",
    "<script>alert(1)<!--",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<!DOCTYPE x [<!ENTITY y '<script>alert(1)</script>'>]>&y;",
    "<plaintext><script>alert(1)</script>",
    "<noembed><script>alert(1)</script></noembed>",
    "<listing><script>alert(1)</script></listing>",
    "<style><img src=x onerror=alert(1)></style>",
    "<style>@import '//evil.test/x.css';</style>",
    "<title><script>alert(1)</script></title>",
    "<portal src=javascript:alert(1)>",
    "<slot name=x onslotchange=alert(1)>",
    "<custom-element onclick=alert(1)>",
    "<form id=x></form><button form=x formaction=javascript:alert(1)>",
    "<input type=image src=x onerror=alert(1)>",
    "<meta http-equiv=Content-Security-Policy content=''>",
    "<link rel=import href=//evil.test>",
    "<body background=javascript:alert(1)>",
    "[x](\x01javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#106;&#97;&#118;&#97;script:alert(1))",
    "[x](https://evil.test 'title onmouseover=alert(1)')",
    "[<img src=x onerror=alert(1)>](https://a.test)",
    '[x](https://a.test/"onmouseover="alert(1))',
    "[x](<https://a.test/ onmouseover=alert(1)>)",
    "[x]: <javascript:alert(1)> 'y'\n\n[x][x]",
    "![<script>alert(1)</script>](https://a.test/x.png)",
    "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    "![x](https://a.test/x.png 'a\" onerror=\"alert(1)')",
    '<https://a.test/"onclick="alert(1)>',
    "<data:text/html,<script>alert(1)</script>>",
    "~~<script>alert(1)</script>~~",
    "`` `<script>alert(1)</script>` ``",
    "```js onload=alert(1)\n</code></pre><script>alert(1)</script>\n```",
    "~~~<img src=x onerror=alert(1)>\nx\n~~~",
    "1. <script>alert(1)</script>\n2. <svg onload=alert(1)>",
    '| x |\n|:-:" onclick="alert(1)|\n| y |',
    "&#x3c;svg/onload=alert(1)&#x3e;",
    "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;",
    "\\<script>alert(1)\\</script>",
    "<scr\u0130pt>alert(1)</scr\u0130pt>",
    "\u202e<script>alert(1)</script>",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "{{ config }}{{ ''.__class__ }}",
    "${alert(1)}#{alert(1)}<%= alert(1) %>",
]
assert len(set(VECTORS)) >= 130
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
    own = ("/static/preview.js?v=", "/static/images.js?v=")
    return tag == "script" and (attributes.get("src") or "").startswith(own)


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


def test_markup_in_every_field_stays_text(author, reader, tags_of, rows, picture):
    author.upload(picture)
    for vector in VECTORS:
        line = "".join(character if character.isprintable() else " " for character in vector).strip()
        assert author.write(line[:255], vector.replace("\x01", " ")).status_code == 302
        rows("UPDATE user SET username = :name", name=line)
        rows("UPDATE image SET alt = :alt", alt=line)
        for path in ("/", "/create", "/account", "/images", f"/authors/{quote(line)}"):
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
