"""Shelves: posts by number, in words that MySQL's full-text index has.

InnoDB collects every post that has a word before it gives the first one: 25 s where a million have it.
What is asked for together with a shelf is looked up on that shelf only.
"""

from collections.abc import Iterator
from functools import reduce

from sqlalchemy import ColumnElement, String, Update, cast, literal, update

from blog_service.tables import UNSHELVED, post

# Posts on a shelf, as powers of two.
_SIZES = (9, 12, 15)
_PREFIX = "0_"


def shelve() -> Update:
    """Put the posts on their shelves that are on none."""
    names = reduce(lambda before, name: before + " " + name, map(_name, _SIZES))
    return update(post).where(post.c.shelf == UNSHELVED).values(shelf=names)


def is_shelf(word: str) -> bool:
    """Tell whether a word names shelves, and no text."""
    return word.startswith(_PREFIX)


def newest_shelves(top: int) -> Iterator[tuple[str, int]]:
    """Give shelves to ask for, small ones first, and the lowest number on them.

    Arguments:
        top: the highest number to find.
    """
    for size in _SIZES:
        shelf = top >> size
        lowest = (shelf - 1) << size
        if lowest > 0:
            yield f"+({_PREFIX}{size}_{shelf} {_PREFIX}{size}_{shelf - 1} {UNSHELVED})", lowest


def _name(size: int) -> ColumnElement[str]:
    return literal(f"{_PREFIX}{size}_", String) + cast(post.c.id.op(">>")(literal(size)), String)
