"""Wait until the database has the tables of a service's version: PACKAGE DATABASE_URL."""

import sys
import time
from importlib.resources import files
from pathlib import Path

import sqlalchemy
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

PASSWORD = Path("/run/secrets/database-password")
SECONDS = 600


def needed_revision(package: str) -> str:
    """The newest revision that the service's image carries; they are numbered, `0001` before `0002`."""
    config = Config()
    config.set_main_option("script_location", str(files(package) / "migrations"))
    return str(ScriptDirectory.from_config(config).get_current_head())


def what_is_missing(engine: sqlalchemy.Engine, needed: str) -> str | None:
    """The revision that the database lacks, or the class of the error when it does not answer.

    A newer one will do: an older version's pod may start again after the newer one has migrated.
    """
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except sqlalchemy.exc.SQLAlchemyError as exc:
        return type(exc).__name__
    return needed if current is None or current < needed else None


def main(package: str, url: str) -> None:
    """Wait, or end with one line that says what is missing."""
    password = PASSWORD.read_text(encoding="utf-8").strip()
    engine = sqlalchemy.create_engine(
        sqlalchemy.make_url(url).set(password=password), connect_args={"connect_timeout": 5}
    )
    needed, deadline = needed_revision(package), time.monotonic() + SECONDS
    while missing := what_is_missing(engine, needed):
        if time.monotonic() > deadline:
            sys.exit(f"the database lacks {missing}")
        time.sleep(0.5)


if __name__ == "__main__":
    main(*sys.argv[1:])
