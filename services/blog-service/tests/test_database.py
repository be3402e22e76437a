"""What MySQL is asked besides the statements, when it ends a connection, and where it is not needed."""

import contextlib
import secrets
import subprocess
import sys

import pytest
import sqlalchemy as sa

from blog_service.database import Database
from chassis import Chassis, ServiceSettings, StoreUnavailable, _mysql
from chassis.sql import create_engine


@pytest.fixture
def chassis():
    made = Chassis(ServiceSettings(serve_port=0), name="blog-service")
    yield made
    made.close()


@pytest.fixture
def engine(chassis, migrated_mysql):
    made = create_engine(chassis, migrated_mysql.render_as_string(hide_password=False), pool_size=1)
    yield made
    made.dispose()


@pytest.fixture
def mysql(chassis, engine):
    return Database(chassis, engine)


@pytest.fixture
def asked(mysql):
    """Count what was sent on the one connection meanwhile."""
    count = sa.text("SHOW SESSION STATUS LIKE 'Questions'")

    def read():
        with mysql.read() as connection:
            return int(connection.execute(count).one()[1])

    @contextlib.contextmanager
    def counting():
        sent, before = [], read()
        yield sent
        sent.append(read() - before - 1)

    return counting


@pytest.fixture
def end_connection(engine, migrated_mysql):
    """End the one connection, as a server does that restarts."""

    def end():
        with engine.connect() as connection:
            number = connection.execute(sa.text("SELECT CONNECTION_ID()")).scalar_one()
        other = sa.create_engine(migrated_mysql)
        with other.connect() as connection:
            connection.execute(sa.text(f"KILL {number}"))
        other.dispose()

    return end


def read_one(mysql):
    with mysql.read() as connection:
        return connection.execute(sa.text("SELECT 1")).scalar_one()


def test_read_is_one_round_trip(mysql, asked):
    read_one(mysql)
    with asked() as sent:
        read_one(mysql)
    assert sent == [1]


def test_quick_read_is_one_round_trip(mysql, asked):
    read = mysql.quick_read(sa.select(sa.bindparam("value", type_=sa.Integer)))
    with asked() as sent:
        assert read({"value": 7}) == (7,)
    assert sent == [1]


def test_write_that_fails_half_way_leaves_nothing(mysql):
    def work(connection):
        connection.execute(sa.text("INSERT INTO user (username, password) VALUES ('half way', 'none')"))
        raise LookupError

    with pytest.raises(LookupError):
        mysql.write(work)
    with mysql.read() as connection:
        assert connection.execute(sa.text("SELECT * FROM user WHERE username = 'half way'")).all() == []


def test_connection_that_ended_while_it_was_idle_is_replaced(mysql, end_connection, monkeypatch):
    monkeypatch.setattr(_mysql, "_IDLE_SECONDS", 0)
    end_connection()
    assert read_one(mysql) == 1


@pytest.mark.parametrize("quick", [True, False])
def test_connection_that_ends_in_use_is_one_failure(mysql, end_connection, monkeypatch, quick):
    monkeypatch.setattr(_mysql, "_IDLE_SECONDS", 600)
    read = mysql.quick_read(sa.select(sa.literal(1)))
    end_connection()
    with pytest.raises(StoreUnavailable):
        read({}) if quick else read_one(mysql)
    assert read({}) == (1,)
    assert read_one(mysql) == 1


PROGRAM = """
import sys
from blog_service.app import create_app
from blog_service.settings import Settings
create_app(Settings(serve_port=0, database_url=sys.argv[1], flask_app_secret_key=sys.argv[2])).chassis.close()
print("sqlalchemy.dialects.mysql" in sys.modules)
"""


@pytest.mark.parametrize(
    ("url", "loaded"), [("sqlite:///blog.db", "False"), ("mysql+pymysql://blog@127.0.0.1/blog", "True")]
)
def test_mysql_is_loaded_where_it_is_asked(url, loaded):
    command = [sys.executable, "-c", PROGRAM, url, secrets.token_urlsafe()]
    done = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603
    assert done.stdout.split() == [loaded]
