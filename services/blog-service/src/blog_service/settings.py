"""What the blog can be told through its environment."""

import re
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from chassis import ServiceSettings

_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w./-]*)?", re.ASCII)


class MigrationSettings(ServiceSettings):
    """Where the database is: all that a migration needs to know."""

    serve_port: int = 0
    database_url: SecretStr | None = None
    mysql_hostname: str | None = None
    mysql_port: int = Field(default=3306, ge=1, le=65535)
    mysql_db_name: str | None = None
    mysql_flask_user: str | None = None
    mysql_flask_password: SecretStr | None = None

    @model_validator(mode="after")
    def _check_database(self) -> Self:
        if self.database_url is not None:
            _parse(self.database_url.get_secret_value())
        elif self.mysql_hostname is None:
            raise ValueError("DATABASE_URL or MYSQL_HOSTNAME must be set")
        else:
            self._check_mysql()
        return self

    def _check_mysql(self) -> None:
        for name in ("mysql_db_name", "mysql_flask_user", "mysql_flask_password"):
            if getattr(self, name) is None:
                raise ValueError(f"{name.upper()} must be set")

    @property
    def database(self) -> URL:
        """The database to connect to; `DATABASE_URL` goes before the `MYSQL_*` variables."""
        if self.database_url is not None:
            return _parse(self.database_url.get_secret_value())
        password = self.mysql_flask_password
        return URL.create(
            "mysql+pymysql",
            username=self.mysql_flask_user,
            password=password.get_secret_value() if password else None,
            host=self.mysql_hostname,
            port=self.mysql_port,
            database=self.mysql_db_name,
        )


class Settings(MigrationSettings):
    """What the running service needs besides."""

    serve_port: int = Field(ge=0, le=65535)
    flask_app_secret_key: SecretStr = Field(min_length=1)
    app_version: str | None = None
    blog_comments: Literal["on", "off"] = "off"
    password_min_length: int = Field(default=8, ge=1, le=256)
    blog_images: str | None = None
    s3_endpoint: str | None = Field(default=None, pattern=r"^https?://[^/?#\s]+/?$")
    s3_region: str = Field(default="us-east-1", pattern=r"^[a-z0-9-]+$")
    s3_access_key_id: str | None = None
    s3_secret_access_key: SecretStr | None = None

    @model_validator(mode="after")
    def _check_images(self) -> Self:
        place = self.blog_images
        if place is None or place.startswith("/"):
            return self
        if not _BUCKET.fullmatch(place):
            raise ValueError(
                "BLOG_IMAGES: must be a folder's whole path, or s3://bucket or s3://bucket/folder"
            )
        for name in ("s3_access_key_id", "s3_secret_access_key"):
            if not getattr(self, name):
                raise ValueError(f"{name.upper()} must be set")
        return self


def _parse(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("DATABASE_URL: not a database URL such as sqlite:////data/blog.sqlite") from None
    if url.drivername in ("mysql", "mariadb"):
        url = url.set(drivername=f"{url.drivername}+pymysql")
    if url.drivername not in ("sqlite", "sqlite+pysqlite", "mysql+pymysql", "mariadb+pymysql"):
        raise ValueError("DATABASE_URL: the database must be sqlite or mysql")
    return url
