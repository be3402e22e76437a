"""Tags: words to find posts by."""

import re
import unicodedata

MAX_TAGS = 20
MAX_LENGTH = 40
_SPACES = re.compile(r"[\s-]+")
_REFUSED = re.compile(r"[^\w+#.-]")


def parse_tags(text: str) -> tuple[str, ...]:
    """Read a comma-separated list: lower case, spaces become `-`, each tag once.

    Raises:
        ValueError: says what is wrong with it.
    """
    tags = tuple(dict.fromkeys(filter(None, (normal_tag(word) for word in text.split(",")))))
    if len(tags) > MAX_TAGS:
        raise ValueError(f"A post can have at most {MAX_TAGS} tags.")
    for tag in tags:
        _check(tag)
    return tags


def normal_tag(text: str) -> str:
    """Bring one tag into the form that is stored."""
    return _SPACES.sub("-", unicodedata.normalize("NFC", text).strip().lower()).strip("-")


def _check(tag: str) -> None:
    if len(tag) > MAX_LENGTH:
        raise ValueError(f"A tag can have at most {MAX_LENGTH} characters.")
    if _REFUSED.search(tag) or not tag.strip("."):
        raise ValueError("A tag is made of letters, digits and + # . _ -")
