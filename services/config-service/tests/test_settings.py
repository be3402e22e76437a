import pytest
from pydantic import ValidationError

from config_service.settings import Settings


@pytest.mark.parametrize(
    "url",
    [
        "",
        "config.db",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://host/db",
        "mysql://host/db",
        "mysql+pymysql://host",
    ],
)
def test_url_of_another_database_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="must be sqlite:///FILE"):
        Settings(serve_port=0, database_url=url)


def test_password_may_come_by_itself() -> None:
    settings = Settings(
        serve_port=0, database_url="mysql+pymysql://user@host/db", database_password="p@ss/w:rd %41"
    )

    assert settings.store_url == "mysql+pymysql://user:p%40ss%2Fw%3Ard %2541@host/db"
    assert "p@ss" not in repr(settings)


def test_sqlite_file_is_the_default() -> None:
    assert Settings(serve_port=0).store_url == "sqlite:///config.db"
