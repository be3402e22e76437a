"""The HTML of posts: rendered when it is stored, then only read."""

import re
from importlib import import_module

from markupsafe import Markup

# Stored HTML of another number is made anew when it is read. Count up when the output changes.
RENDERER = 1
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_SHOWN_IMAGE = re.compile(r'(<img [^>]*?src=")(?=/images/)')


def render_markdown(text: str) -> Markup:
    """Render as `blog_service.posts.markdown` does, whose libraries come with the first text: 3 MB."""
    html: Markup = import_module("blog_service.posts.markdown").render_markdown(text)
    return html


def place_images(html: str, base: str) -> str:
    """Complete the addresses of the blog's own images, which a text has without prefix and host."""
    return _SHOWN_IMAGE.sub(lambda found: found[1] + base, html) if base else html


def summary_of(html: str, length: int = 280) -> str:
    """Return the first words of the paragraphs of rendered HTML as plain text."""
    head = html[: 40 * length]
    if head.rfind("<") > head.rfind(">"):
        head = head[: head.rfind("<")]
    paragraphs = " ".join(_PARAGRAPH.findall(head)) or head
    text = " ".join(Markup(paragraphs).striptags().split())  # noqa: S704 - to lose its tags
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + " …"
