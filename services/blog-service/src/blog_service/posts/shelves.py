"""Shelves: posts by number, for MySQL to search the newest ones alone.

InnoDB collects every post that has a word before it gives the first one: 25 s where a million have it. So
another of its full-text indexes has each word of a post behind the name of the post's shelf (`terms`).
"""

from functools import reduce

from sqlalchemy import ColumnElement, String, Update, cast, literal, update

from blog_service.tables import UNSHELVED, post

_BITS = 9  # of a number, which the posts of a shelf do not share
_LARGER = (12, 15)  # of shelves that the version before asks for


def shelve() -> Update:
    """Put the posts on their shelves that are on none."""
    names = reduce(lambda before, name: before + " " + name, map(_name_of, (_BITS, *_LARGER)))
    return update(post).where(post.c.shelf == UNSHELVED).values(shelf=names)


def shelves_below(number: int, count: int) -> tuple[list[str], int]:
    """Name the shelves of the posts right below a number, and with them what is on none yet.

    Arguments:
        number: which none of these posts reaches.
        count: how many posts, at least.

    Returns:
        The names, and the lowest number on these shelves.
    """
    lowest, highest = max(number - count, 0) >> _BITS, (number - 1) >> _BITS
    return [UNSHELVED, *(f"0_{_BITS}_{shelf}" for shelf in range(lowest, highest + 1))], lowest << _BITS


def _name_of(bits: int) -> ColumnElement[str]:
    return literal(f"0_{bits}_", String) + cast(post.c.id.op(">>")(literal(bits)), String)
