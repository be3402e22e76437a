"""Markdown: what it becomes, and how long that may take."""

import subprocess
import sys
import time

import pytest

from blog_service.posts import markdown
from blog_service.posts.html import render_markdown, summary_of


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <s>c</s></p>\n"),
        ("# a", "<h1>a</h1>\n"),
        ("a\nb", "<p>a\nb</p>\n"),
        ("a  \nb", "<p>a<br>\nb</p>\n"),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>\n"),
        ("[a](https://b.test)", '<p><a href="https://b.test" rel="nofollow noopener ugc">a</a></p>\n'),
        ("```\na < b\n```", "<pre><code>a &lt; b\n</code></pre>\n"),
        ("```nosuchlanguage\na\n```", "<pre><code>a\n</code></pre>\n"),
        ("```python\nNone\n```", '<pre><code><span class="kc">None</span>\n</code></pre>\n'),
        ("<b>raw</b>", "<p>&lt;b&gt;raw&lt;/b&gt;</p>\n"),
        ("| a |\n|--:|\n| b |", None),
        ("", ""),
    ],
)
def test_markdown_becomes_html(text, html):
    rendered = render_markdown(text)
    if html is None:
        assert '<td align="right">b</td>' in rendered
    else:
        assert rendered == html


@pytest.mark.parametrize(
    "unit", ["[", "![", "[a](", "*a ", "a**b_ ", "> ", "- ", "`a``", "<a ", "| a\n|-\n", "1. a\n", "\\"]
)
def test_text_made_to_be_slow_is_cut_short(unit, monkeypatch):
    monkeypatch.setattr(markdown, "_CPU_SECONDS", 0.2)
    text = (unit * (1 << 20))[: 1 << 20]
    began = time.thread_time()
    assert render_markdown(text) is not None
    assert time.thread_time() - began < 3


@pytest.mark.parametrize(
    ("html", "summary"),
    [
        ("<p>a <em>b</em>\nc</p>", "a b c"),
        ("<h2>heading</h2><p>first</p><ul><li>x</li></ul><p>second</p>", "first second"),
        ("<ul><li>x</li><li>y</li></ul>", "xy"),
        ("<p>1 &lt; 2 &amp;amp; 3</p>", "1 < 2 &amp; 3"),
        ("", ""),
        ('<p><img src="x" alt="y"></p>', ""),
    ],
)
def test_summary_is_the_text_of_the_first_paragraphs(html, summary):
    assert summary_of(html) == summary


def test_summary_ends_between_words():
    summary = summary_of(f"<p>{'word ' * 5000}</p>")
    assert summary.endswith("word …")
    assert len(summary) < 290


LATE = """
import sys
from blog_service.posts.markdown import render_markdown
for text in ("# Title", "```python\\n1\\n```"):
    render_markdown(text)
    print("pygments.lexers" in sys.modules)
"""


def test_highlighter_is_loaded_with_the_first_code():
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, check=True, text=True)  # noqa: S603
    assert done.stdout.split() == ["False", "True"]
