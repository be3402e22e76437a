"""What the service can be told by its environment."""

from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from chassis import ServiceSettings
from config_service.tokens import Token, parse_tokens

DRIVERS = ("sqlite", "mysql+pymysql")


class Settings(ServiceSettings):
    """The settings of the config-service.

    Attributes:
        database_url: SQLAlchemy URL of an SQLite file or a MySQL database.
        database_password: for MySQL, instead of one in the URL.
        database_threads: requests that may use the database at the same time.
        database_timeout: seconds within which a request gets its answer, or a 503.
        config_tokens: one a line, `<name> <token> <read|write> [prefix]`; when set, writes need one.
        config_read_auth: whether reads need one too.
    """

    database_url: str = "sqlite:///config.db"
    database_password: SecretStr | None = None
    database_threads: int = Field(default=10, ge=1, le=100)
    database_timeout: float = Field(default=2, gt=0, le=60, allow_inf_nan=False)

    config_tokens: SecretStr | None = None
    config_read_auth: bool = False

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens that may be borne."""
        return parse_tokens(self.config_tokens.get_secret_value()) if self.config_tokens else ()

    @property
    def store_url(self) -> str:
        """The URL with its password."""
        url = make_url(self.database_url)
        if self.database_password is not None:
            url = url.set(password=self.database_password.get_secret_value())
        return url.render_as_string(hide_password=False)

    @field_validator("database_url")
    @classmethod
    def _check_driver(cls, value: str) -> str:
        try:
            url = make_url(value)
        except ArgumentError:
            url = None
        if url is None or url.drivername not in DRIVERS or url.database in (None, "", ":memory:"):
            raise ValueError("must be sqlite:///FILE or mysql+pymysql://USER@HOST/DATABASE")
        return value

    @field_validator("config_tokens")
    @classmethod
    def _check_tokens(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not parse_tokens(value.get_secret_value()):
            raise ValueError("names no token; unset it to let everybody write")
        return value

    @model_validator(mode="after")
    def _check_read_auth(self) -> Self:
        if self.config_read_auth and self.config_tokens is None:
            raise ValueError("CONFIG_READ_AUTH needs CONFIG_TOKENS")
        return self


class MigrateSettings(Settings):
    """The same for the migration, which listens nowhere."""

    serve_port: int = 0
