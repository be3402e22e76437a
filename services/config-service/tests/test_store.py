from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
import sqlalchemy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config_service.documents import Change, decode
from config_service.errors import InvalidConfig
from config_service.store import Store
from config_service.tables import config_terms, revision_counter, revisions
from config_service.transaction import Transaction

ME = Change("tester", "because")
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


class Entry(NamedTuple):
    revision: int
    k: int
    name: str
    action: str


def history(engine: sqlalchemy.Engine) -> list[Entry]:
    """What was written after the two seeds."""
    columns = (revisions.c.revision, revisions.c.k, revisions.c.name, revisions.c.action)
    query = sqlalchemy.select(*columns).where(revisions.c.revision > 2).order_by("revision", "k")
    with engine.connect() as connection:
        return [Entry(*row) for row in connection.execute(query)]


def counter(engine: sqlalchemy.Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(sqlalchemy.select(revision_counter.c.value)).scalar_one()


def put(transaction: Transaction, name: str, metadata: dict[str, Any], schema: str | None = None) -> None:
    if current := transaction.get(name):
        transaction.update(current, schema, metadata)
    else:
        transaction.create(name, schema, metadata)


def test_each_write_takes_the_next_number(store: Store, engine: sqlalchemy.Engine) -> None:
    for value in range(3):
        store.write(ME, lambda transaction, value=value: put(transaction, "a", {"value": value}))

    assert history(engine) == [
        Entry(3, 0, "a", "create"),
        Entry(4, 0, "a", "update"),
        Entry(5, 0, "a", "update"),
    ]
    assert counter(engine) == 5


def test_one_transaction_takes_one_number(store: Store, engine: sqlalchemy.Engine) -> None:
    def work(transaction: Transaction) -> None:
        put(transaction, "a", {})
        put(transaction, "b", {})
        gone = transaction.get("datacenter-1")
        assert gone is not None
        transaction.delete(gone)

    store.write(ME, work)

    assert history(engine) == [
        Entry(3, 0, "a", "create"),
        Entry(3, 1, "b", "create"),
        Entry(3, 2, "datacenter-1", "delete"),
    ]


@pytest.mark.parametrize("same", [{"x": 1, "y": [1.0, "ü"]}, {"y": [1.0, "ü"], "x": 1}])
def test_write_that_changes_nothing_takes_no_number(
    store: Store, engine: sqlalchemy.Engine, same: dict[str, Any]
) -> None:
    store.write(ME, lambda transaction: put(transaction, "a", {"x": 1, "y": [1.0, "ü"]}))
    before = store.get("a")

    store.write(ME, lambda transaction: put(transaction, "a", same))

    assert store.get("a") == before
    assert counter(engine) == 3
    assert len(history(engine)) == 1


@pytest.mark.parametrize("other", [{"x": 1.0}, {"x": True}, {"x": "1"}, {"x": [1]}, {"x": 1, "y": None}, {}])
def test_content_that_differs_is_a_change(
    store: Store, engine: sqlalchemy.Engine, other: dict[str, Any]
) -> None:
    store.write(ME, lambda transaction: put(transaction, "a", {"x": 1}))
    store.write(ME, lambda transaction: put(transaction, "a", other))

    assert counter(engine) == 4


def test_another_schema_is_a_change(store: Store) -> None:
    store.write(ME, lambda transaction: put(transaction, "a", {}))
    store.write(ME, lambda transaction: put(transaction, "a", {}, "datacenter"))

    config = store.get("a")
    assert config is not None
    assert (config.schema, config.revision) == ("datacenter", 4)


def test_failed_write_leaves_nothing_behind(store: Store, engine: sqlalchemy.Engine) -> None:
    def work(transaction: Transaction) -> None:
        put(transaction, "a", {"x": 1})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write(ME, work)

    assert store.get("a") is None
    assert (history(engine), counter(engine)) == ([], 2)
    store.write(ME, lambda transaction: put(transaction, "b", {}))
    assert counter(engine) == 3


def test_history_keeps_content_author_time_and_reason(store: Store, engine: sqlalchemy.Engine) -> None:
    before = datetime.now(UTC)
    store.write(ME, lambda transaction: put(transaction, "a", {"x": "ü"}, "datacenter"))
    after = datetime.now(UTC)

    with engine.connect() as connection:
        row = connection.execute(sqlalchemy.select(revisions).where(revisions.c.name == "a")).one()._mapping
    assert (row["author"], row["reason"], row["schema_name"]) == ("tester", "because", "datacenter")
    assert decode(row["metadata"]) == {"x": "ü"}
    assert before <= row["at"] <= after


def test_times_are_kept_to_the_microsecond(store: Store) -> None:
    store.write(ME, lambda transaction: put(transaction, "a", {}))
    created = store.get("a")
    store.write(ME, lambda transaction: put(transaction, "a", {"x": 1}))
    changed = store.get("a")

    assert created is not None
    assert changed is not None
    assert created.created_at == created.modified_at == changed.created_at < changed.modified_at
    assert created.created_at.tzinfo is UTC


def test_delete_forgets_the_terms(store: Store, engine: sqlalchemy.Engine) -> None:
    store.write(ME, lambda transaction: put(transaction, "a", {"x": 1, "y": 2}))
    config = store.get("a")
    assert config is not None
    store.write(ME, lambda transaction: transaction.delete(config))

    query = sqlalchemy.select(sqlalchemy.func.count()).where(config_terms.c.name == "a")
    with engine.connect() as connection:
        assert connection.execute(query).scalar() == 0


def test_deepest_metadata_is_kept_and_one_level_more_refused(store: Store) -> None:
    deep: dict[str, Any] = {}
    for _ in range(63):
        deep = {"a": deep}
    store.write(ME, lambda transaction: put(transaction, "a", deep))

    with pytest.raises(InvalidConfig):
        store.write(ME, lambda transaction: put(transaction, "a", {"a": deep}))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(value=ANY_JSON)
def test_any_json_comes_back_exactly(store: Store, value: Any) -> None:
    store.write(ME, lambda transaction: put(transaction, "any", {"value": value}))

    config = store.get("any")
    assert config is not None
    assert repr(decode(config.metadata)) == repr({"value": value})
