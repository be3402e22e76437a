"""Markdown to safe HTML: CommonMark with tables and strikethrough, raw HTML shown as text."""

import re
import time
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markupsafe import Markup
from pygments.token import STANDARD_TYPES

_CPU_SECONDS = 3.0
_HIGHLIGHT_LIMIT = 20_000
_EVERY_CHAIN = ["paragraph", "reference", "blockquote", "list"]
_TAGS = {
    *("a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li"),
    *("ol", "p", "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_OWN_IMAGE = re.compile(r"/images/[0-9a-f]{32}-(\d{1,5})x(\d{1,5})\.[a-z]{3,4}")
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes={"a": {"href", "title"}, "img": {"src", "alt", "title", "width", "height"}, "ol": {"start"}},
    allowed_classes={"span": {name for name in STANDARD_TYPES.values() if name}},
    tag_attribute_values={cell: {"align": {"left", "center", "right"}} for cell in ("td", "th")},
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow noopener ugc",
    set_tag_attribute_values={"img": {"loading": "lazy", "referrerpolicy": "no-referrer"}},
)


class _TooSlow(Exception):
    """The text takes longer than anything that a person would write."""


def render_markdown(text: str) -> Markup:
    """Render to HTML that is safe to show; a text made to be slow comes out as it is."""
    try:
        html = _PARSER.render(text, {"deadline": time.thread_time() + _CPU_SECONDS})
    except _TooSlow:
        return Markup("<pre>{}</pre>").format(text)
    return Markup(_CLEANER.clean(html))  # noqa: S704 - what the allow-list lets through


def _highlight(code: str, language: str, _attributes: str) -> str:
    if not language or len(code) > _HIGHLIGHT_LIMIT:
        return escapeHtml(code)
    from blog_service.posts.highlighting import highlight_code  # noqa: PLC0415 0.6 MB for posts with code

    return highlight_code(code, language)


def _watch_lines(state: StateInline, _silent: bool) -> bool:
    return _watch_the_clock(state)


def _watch_blocks(state: StateBlock, _start: int, _end: int, _silent: bool) -> bool:
    return _watch_the_clock(state)


def _watch_the_clock(state: StateInline | StateBlock) -> bool:
    """Stop a text that takes too long; as a rule of the parser, match nothing."""
    if time.thread_time() > state.env["deadline"]:
        raise _TooSlow
    return False


def _align_cells(state: StateCore) -> None:
    """The page's policy admits no style attributes."""
    for token in state.tokens:
        if token.type in ("td_open", "th_open") and (style := token.attrs.pop("style", None)):
            token.attrSet("align", str(style).removeprefix("text-align:"))


def _size_images(state: StateCore) -> None:
    """Tell the size of the blog's own images, so that a page does not jump when they come."""
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "image" and (found := _OWN_IMAGE.fullmatch(str(child.attrs["src"]))):
                child.attrs.update(width=found[1], height=found[2])


def _parser() -> MarkdownIt:
    options: Any = {"html": False, "highlight": _highlight}
    parser = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    parser.inline.ruler.before("text", "watch_lines", _watch_lines)
    parser.block.ruler.before("table", "watch_blocks", _watch_blocks, {"alt": _EVERY_CHAIN})
    parser.core.ruler.push("align_cells", _align_cells)
    parser.core.ruler.push("size_images", _size_images)
    return parser


_PARSER = _parser()
