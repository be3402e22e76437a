"""Brings the database to the tables of this version: once, before the replicas start."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from chassis import Chassis, StoreUnavailable, get_logger, load_settings
from chassis.sql import create_engine
from config_service.settings import MigrateSettings

MIGRATIONS = Path(__file__).parent / "migrations"
SECONDS = 300  # for a step, or for another migration to end


def main() -> None:
    """Migrate; exit code 1 when the database does not answer."""
    settings = load_settings(MigrateSettings)
    chassis = Chassis(settings, name="config-service")
    engine = create_engine(chassis, settings.store_url, pool_size=1, timeout=SECONDS)
    log = get_logger("migrate")
    try:
        migrate(engine)
    except StoreUnavailable as exc:
        log.error("migration_failed", error=str(exc.__cause__ or exc))  # noqa: TRY400 a line says enough
        raise SystemExit(1) from None
    finally:
        chassis.close()
    log.info("migrated")


def migrate(engine: Engine) -> None:
    """Run the steps that are missing; a second migration waits for the first and finds nothing to do.

    Args:
        engine: of the chassis.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.execution_options(write=True).begin() as connection, _alone(connection):
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Keep other migrations out; the write transaction does that on SQLite."""
    if connection.dialect.name == "sqlite":
        yield
        return
    lock = {"name": "config-service migration", "seconds": SECONDS}
    if not connection.scalar(text("SELECT GET_LOCK(:name, :seconds)"), lock):
        raise StoreUnavailable("Another migration is running.")
    try:
        yield
    finally:
        connection.execute(text("SELECT RELEASE_LOCK(:name)"), lock)


if __name__ == "__main__":
    main()
