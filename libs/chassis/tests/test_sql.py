import sqlite3
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from sqlalchemy import Integer, bindparam, column, select, table, text
from sqlalchemy.exc import IntegrityError, OperationalError

from chassis import StoreUnavailable
from chassis.sql import (
    NotMigrated,
    QuickRead,
    TransactionConflict,
    check_migration,
    create_engine,
    ping,
    run_transaction,
)
from chassis.testing import free_port


@pytest.fixture
def chassis(make_chassis):
    return make_chassis()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.db"


@pytest.fixture
def engine(chassis, path):
    made = create_engine(chassis, f"sqlite:///{path}", pool_size=2, timeout=0.2)
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE kept (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
    yield made
    made.dispose()


def names(connection):
    return connection.execute(text("SELECT name FROM kept ORDER BY name")).scalars().all()


def add(connection, name):
    connection.execute(text("INSERT INTO kept (name) VALUES (:name)"), {"name": name})


def test_broken_transaction_leaves_nothing(engine):
    with engine.connect() as connection:
        add(connection, "one")
        with pytest.raises(IntegrityError):
            add(connection, "one")

    with engine.connect() as connection:
        assert names(connection) == []


def test_sqlite_is_set_up_to_lose_nothing(engine):
    with engine.connect() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert settings == ["wal", 2, 1]


def test_writers_wait_for_each_other_without_a_lost_update(engine):
    with engine.begin() as connection:
        add(connection, "0")

    def count_up():
        for _ in range(20):
            with engine.connect().execution_options(write=True) as connection, connection.begin():
                (value,) = names(connection)
                connection.execute(text("UPDATE kept SET name = :name"), {"name": str(int(value) + 1)})

    threads = [threading.Thread(target=count_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with engine.connect() as connection:
        assert names(connection) == ["40"]


def test_held_lock_is_a_conflict_within_the_timeout(engine, path):
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        with (
            pytest.raises(TransactionConflict) as caught,
            engine.connect().execution_options(write=True) as connection,
        ):
            connection.begin()
        assert time.monotonic() - started < 2
        other.execute("ROLLBACK")
    other.close()

    assert (caught.value.status, caught.value.headers["Retry-After"]) == (503, "1")


def test_transaction_that_is_broken_off_is_run_again(engine):
    attempts = []

    def work(connection):
        attempts.append(names(connection))
        add(connection, "one")
        if len(attempts) < 10:
            raise TransactionConflict("The store is busy.")
        return len(attempts)

    assert run_transaction(engine, work) == 10
    assert attempts == [[]] * 10
    with engine.connect() as connection:
        assert names(connection) == ["one"]


def test_transaction_is_not_run_again_after_the_timeout(engine, path):
    started = time.monotonic()
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TransactionConflict):
            run_transaction(engine, lambda connection: add(connection, "one"))
        other.execute("ROLLBACK")
    other.close()
    assert time.monotonic() - started < 2


def test_threads_write_to_sqlite_one_after_the_other(engine):
    inside, may_end = threading.Event(), threading.Event()

    def slow(connection):
        add(connection, "slow")
        inside.set()
        assert may_end.wait(5)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run_transaction, engine, slow)
        assert inside.wait(5)
        with pytest.raises(TransactionConflict):
            run_transaction(engine, lambda connection: add(connection, "late"))
        assert engine.pool.checkedout() == 1  # who waits for its turn has no connection
        may_end.set()
        first.result()
        run_transaction(engine, lambda connection: add(connection, "next"))
    with engine.connect() as connection:
        assert names(connection) == ["next", "slow"]


def test_read_begins_no_transaction(engine, path):
    with engine.connect().execution_options(read=True) as connection:
        assert names(connection) == []
        with sqlite3.connect(path) as other:
            other.execute("INSERT INTO kept (name) VALUES ('new')")
        other.close()

        assert names(connection) == ["new"]


def test_exhausted_pool_is_unavailable(engine):
    with engine.connect(), engine.connect(), pytest.raises(StoreUnavailable):
        engine.connect()


@pytest.mark.parametrize("url", ["sqlite:////nowhere/store.db", "mysql+pymysql://127.0.0.1:{port}/store"])
def test_absent_database_is_unavailable(chassis, url):
    engine = create_engine(chassis, url.format(port=free_port()), timeout=1)

    with pytest.raises(StoreUnavailable):
        ping(engine)


def test_no_attempt_to_reach_mysql_reads_the_certificates_of_the_system(chassis, monkeypatch):
    engine, read = create_engine(chassis, f"mysql+pymysql://127.0.0.1:{free_port()}/store", timeout=1), []
    monkeypatch.setattr(ssl, "create_default_context", lambda **options: read.append(options))

    with pytest.raises(StoreUnavailable):
        ping(engine)
    assert read == []


def test_hanging_database_is_unavailable_within_the_timeout(chassis, silent_port):
    engine = create_engine(chassis, f"mysql+pymysql://127.0.0.1:{silent_port}/store", timeout=1)

    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        ping(engine)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("newest", "is_enough"), [(None, False), ("0001", False), ("0002", True), ("0003", True)]
)
def test_tables_are_those_that_are_needed_or_newer(engine, newest, is_enough):
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
        if newest:
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (newest,))

    with nullcontext() if is_enough else pytest.raises(NotMigrated):
        check_migration(engine, "0002")


def test_database_without_tables_is_not_migrated(engine):
    with engine.connect() as connection, pytest.raises(NotMigrated) as caught:
        connection.execute(text("SELECT 1 FROM posts"))
    assert caught.value.status == 503
    with pytest.raises(NotMigrated) as caught:
        check_migration(engine, "0001")
    assert caught.value.__cause__ is None  # the readiness report would name that


def test_wrong_statement_is_no_fault_of_the_database(engine):
    with engine.connect() as connection, pytest.raises(OperationalError):
        connection.execute(text("SELECT * FROM nothing"))


def test_failed_statement_is_measured_as_such(engine, chassis):
    with engine.connect() as connection, pytest.raises(OperationalError):
        connection.execute(text("SELECT * FROM nothing"))
    labels = {"dependency": "sqlite", "operation": "SELECT", "outcome": "OperationalError"}

    assert chassis.registry.get_sample_value("dependency_request_duration_seconds_count", labels) == 1


def test_quick_read_binds_and_is_measured(engine, chassis):
    with engine.begin() as connection:
        add(connection, "one")
    kept = table("kept", column("id", Integer), column("name"))
    wanted = select(kept.c.name, bindparam("answer")).where(
        kept.c.id == bindparam("id"), kept.c.name != "two"
    )
    read = QuickRead(chassis, engine, wanted)

    assert read({"id": 1, "answer": 42}) == ("one", 42)
    assert read({"id": 2, "answer": 42}) is None
    labels = {"dependency": "sqlite", "operation": "SELECT", "outcome": "ok"}
    assert chassis.registry.get_sample_value("dependency_request_duration_seconds_count", labels) == 2


@pytest.mark.parametrize("url", ["sqlite:////nowhere/store.db", "mysql+pymysql://127.0.0.1:{port}/store"])
def test_quick_read_of_an_absent_database_is_unavailable(chassis, url):
    engine = create_engine(chassis, url.format(port=free_port()), timeout=1)

    with pytest.raises(StoreUnavailable):
        QuickRead(chassis, engine, select(text("1")))({})


def test_wrong_quick_read_is_no_fault_of_the_database(engine, chassis):
    read = QuickRead(chassis, engine, select(table("nothing", column("id"))))

    for _ in range(5):  # more often than there are connections: each comes back
        with pytest.raises(sqlite3.OperationalError):
            read({})
