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


def wanted_revisions(package: str) -> set[str]:
    """The newest revisions that the service's image carries."""
    config = Config()
    config.set_main_option("script_location", str(files(package) / "migrations"))
    return set(ScriptDirectory.from_config(config).get_heads())


def missing_revisions(engine: sqlalchemy.Engine, wanted: set[str]) -> set[str] | str:
    """What the database lacks, or the class of the error when it does not answer."""
    try:
        with engine.connect() as connection:
            return wanted - set(MigrationContext.configure(connection).get_current_heads())
    except sqlalchemy.exc.SQLAlchemyError as exc:
        return type(exc).__name__


def main(package: str, url: str) -> None:
    """Wait, or end with one line that says what is missing."""
    password = PASSWORD.read_text(encoding="utf-8").strip()
    engine = sqlalchemy.create_engine(
        sqlalchemy.make_url(url).set(password=password), connect_args={"connect_timeout": 5}
    )
    wanted, deadline = wanted_revisions(package), time.monotonic() + SECONDS
    while missing := missing_revisions(engine, wanted):
        if time.monotonic() > deadline:
            sys.exit(f"the database lacks {missing}")
        time.sleep(0.5)


if __name__ == "__main__":
    main(*sys.argv[1:])
