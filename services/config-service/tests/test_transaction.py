from typing import Any

import pytest
import sqlalchemy

from chassis import Forbidden
from config_service.documents import Change, Config
from config_service.store import Store
from config_service.tables import config_terms, revisions
from config_service.transaction import Transaction

ME = Change("tester")


def entries(engine: sqlalchemy.Engine) -> list[tuple[int, int, str, str]]:
    """What was written after the two seeds."""
    columns = (revisions.c.revision, revisions.c.k, revisions.c.name, revisions.c.action)
    with engine.connect() as connection:
        rows = connection.execute(sqlalchemy.select(*columns).where(revisions.c.revision > 2)).all()
    return sorted((row.revision, row.k, row.name, row.action) for row in rows)


def existing(transaction: Transaction, name: str) -> Config:
    config = transaction.get(name)
    assert config is not None
    return config


def write(store: Store, name: str, metadata: dict[str, Any]) -> None:
    store.write(ME, lambda transaction: transaction.create(name, None, metadata))


def test_changes_of_one_document_become_one_entry(store: Store, engine: sqlalchemy.Engine) -> None:
    def work(transaction: Transaction) -> None:
        transaction.create("a", None, {"x": 1})
        transaction.update(existing(transaction, "a"), None, {"x": 2})
        transaction.create("b", None, {})

    store.write(ME, work)

    assert entries(engine) == [(3, 0, "a", "create"), (3, 1, "b", "create")]
    found = store.get("a")
    assert found is not None
    assert found.metadata == '{"x":2}'


def test_document_that_was_made_again_keeps_its_age(store: Store, engine: sqlalchemy.Engine) -> None:
    write(store, "a", {"x": 1})
    before = store.get("a")
    assert before is not None

    def work(transaction: Transaction) -> None:
        transaction.delete(existing(transaction, "a"))
        assert transaction.get("a") is None
        transaction.create("a", None, {"x": 2})

    store.write(ME, work)

    after = store.get("a")
    assert after is not None
    assert (after.metadata, after.created_at, after.revision) == ('{"x":2}', before.created_at, 4)
    assert entries(engine)[1:] == [(4, 0, "a", "update")]


def test_change_and_back_is_no_change(store: Store, engine: sqlalchemy.Engine) -> None:
    write(store, "a", {"x": 1})
    before = store.get("a")

    def work(transaction: Transaction) -> int:
        transaction.update(existing(transaction, "a"), None, {"x": 2})
        transaction.update(existing(transaction, "a"), None, {"x": 1})
        transaction.create("b", None, {})
        transaction.delete(existing(transaction, "b"))
        return transaction.last_revision

    assert store.write(ME, work) == 3
    assert store.get("a") == before
    assert len(entries(engine)) == 1


def test_many_documents_are_one_revision(store: Store, engine: sqlalchemy.Engine) -> None:
    names = [f"many-{number:04}" for number in range(1200)]

    def put_all(transaction: Transaction, value: int) -> None:
        transaction.load(names)
        for name in names:
            if current := transaction.get(name):
                transaction.update(current, None, {"x": value, "y": 1})
            else:
                transaction.create(name, None, {"x": value, "y": 1})

    def delete_all(transaction: Transaction) -> None:
        transaction.load(names)
        for name in names:
            transaction.delete(existing(transaction, name))

    for number in range(2):
        store.write(ME, lambda transaction, number=number: put_all(transaction, number))
    assert len(store.find(prefix="many-")) == len(names)
    with engine.connect() as connection:
        terms = sqlalchemy.select(sqlalchemy.func.count()).select_from(config_terms)
        assert connection.execute(terms.where(config_terms.c.name.startswith("many-"))).scalar() == 2400

    store.write(ME, delete_all)

    assert store.find(prefix="many-") == []
    assert [(revision, k) for revision, k, _, _ in entries(engine)] == [
        (revision, k) for revision in (3, 4, 5) for k in range(len(names))
    ]
    with engine.connect() as connection:
        assert connection.execute(terms.where(config_terms.c.name.startswith("many-"))).scalar() == 0


def test_history_knows_when_a_document_was_made(store: Store, engine: sqlalchemy.Engine) -> None:
    write(store, "a", {})
    store.write(ME, lambda transaction: transaction.update(existing(transaction, "a"), None, {"x": 1}))
    store.write(ME, lambda transaction: transaction.delete(existing(transaction, "a")))
    write(store, "a", {})

    query = sqlalchemy.select(revisions).where(revisions.c.name == "a").order_by("revision")
    with engine.connect() as connection:
        first, second, third, fourth = connection.execute(query).all()
    assert first.created_at == first.at == second.created_at
    assert third.created_at is None
    assert fourth.created_at == fourth.at


@pytest.mark.parametrize("name", ["b", "team"])
def test_prefix_bounds_what_is_written(store: Store, name: str) -> None:
    change = Change("tester", prefix="team-")

    store.write(change, lambda transaction: transaction.create("team-a", None, {}))
    with pytest.raises(Forbidden):
        store.write(change, lambda transaction: transaction.create(name, None, {}))
    with pytest.raises(Forbidden):
        store.write(change, lambda transaction: transaction.delete(existing(transaction, "datacenter-1")))
