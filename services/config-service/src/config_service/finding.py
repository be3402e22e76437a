"""Finding documents: statements that an index can answer, whatever the conditions."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, literal, select, union

from config_service.search import Condition
from config_service.tables import config_terms, configs

AFTER_NAMES = "~"  # sorts after every character that a name may have
# Conditions are compared by how many documents meet them, counted up to this many.
COUNT_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for.

    Attributes:
        conditions: all of which a document meets.
        schema: that it names; None for any.
        prefix: of its name.
        after: the name that it follows.
        limit: how many at most; None for all.
    """

    conditions: Collection[Condition] = ()
    schema: str | None = None
    prefix: str = ""
    after: str = ""
    limit: int | None = None


def select_found(connection: Connection, wanted: Filter) -> Select[Any]:
    """Return the statement that finds the documents, by name.

    The rarest condition is looked up in its index, in the order of names; the others are asked of
    each document that it gives.

    Args:
        connection: to ask which condition is the rarest.
        wanted: what is looked for.
    """
    query = select(*configs.c).order_by(configs.c.name).limit(wanted.limit)
    conditions = list(wanted.conditions)
    if not conditions:
        return query.where(*_in_range(wanted, configs.c.name), *_of_schema(wanted))
    rarest = _rarest(connection, wanted, conditions) if wanted.schema or len(conditions) > 1 else 0
    if rarest == len(conditions):
        meets = [_meets(terms, configs.c.name) for terms in conditions]
        return query.where(*_in_range(wanted, configs.c.name), *_of_schema(wanted), *meets)
    names = _names(wanted, conditions.pop(rarest), conditions).subquery()
    return query.join(names, names.c.name == configs.c.name)


def _rarest(connection: Connection, wanted: Filter, conditions: Sequence[Condition]) -> int:
    """The number of the condition that the fewest documents meet; one more than the last: the schema."""
    queries = [select(config_terms.c.name).where(config_terms.c.term.in_(terms)) for terms in conditions]
    if wanted.schema is not None:
        queries.append(select(configs.c.name).where(*_of_schema(wanted)))
    counts = [
        select(func.count()).select_from(query.limit(COUNT_LIMIT).subquery()).scalar_subquery()
        for query in queries
    ]
    row = connection.execute(select(*counts)).one()
    return min(range(len(row)), key=row.__getitem__)


def _names(wanted: Filter, terms: Condition, others: Sequence[Condition]) -> Select[tuple[str]]:
    """Names of the documents that have one of the terms and meet the other conditions."""
    name = config_terms.c.name
    asked = [_meets(other, name) for other in others]
    if wanted.schema is not None:
        asked.append(exists().where(configs.c.name == name, *_of_schema(wanted)))
    found = [
        select(name)
        .where(config_terms.c.term == term, *_in_range(wanted, name), *asked)
        .order_by(name)
        .limit(wanted.limit)
        .subquery()
        for term in sorted(terms)
    ]
    return select(union(*(select(names.c.name) for names in found)).subquery().c.name)


def _meets(terms: Condition, name: ColumnElement[str]) -> ColumnElement[bool]:
    # No EXISTS: MySQL would make a join of it, and read all documents that meet the condition first.
    asked = config_terms.alias()
    one = select(literal(1)).where(asked.c.name == name, asked.c.term.in_(terms)).limit(1)
    return one.scalar_subquery() == 1


def _in_range(wanted: Filter, name: ColumnElement[str]) -> list[ColumnElement[bool]]:
    within = [name > wanted.after]
    if wanted.prefix:
        within += [name >= wanted.prefix, name < wanted.prefix + AFTER_NAMES]
    return within


def _of_schema(wanted: Filter) -> list[ColumnElement[bool]]:
    return [] if wanted.schema is None else [configs.c.schema_name == wanted.schema]
