"""Types of columns for which MySQL has one of its own."""

from datetime import UTC, datetime
from importlib import import_module
from typing import Any, cast

from sqlalchemy import DateTime, Dialect, LargeBinary, String, Text, TypeDecorator
from sqlalchemy.types import TypeEngine


class _Adapted(TypeDecorator[Any]):
    """A type in whose place MySQL has another; its dialect takes 0.7 MB, and is loaded there only."""

    impl: Any = TypeEngine

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose by the database."""
        if dialect.name not in ("mysql", "mariadb"):
            return super().load_dialect_impl(dialect)
        return dialect.type_descriptor(self.on_mysql(import_module("sqlalchemy.dialects.mysql")))

    def on_mysql(self, types: Any) -> Any:
        """Choose of MySQL's types."""
        raise NotImplementedError


class UTCDateTime(_Adapted):
    """A moment to the microsecond, which MySQL would drop; stored without a zone, in UTC."""

    impl = DateTime
    cache_ok = True

    def on_mysql(self, types: Any) -> Any:
        """Choose the one with microseconds."""
        return types.DATETIME(fsp=6)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Drop the zone."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Put the zone back."""
        return value and value.replace(tzinfo=UTC)


class Exact(_Adapted):
    """Text that is equal only to itself: MySQL's usual collation ignores case and accents."""

    impl = String
    cache_ok = True

    def on_mysql(self, types: Any) -> Any:
        """Choose a binary collation."""
        length = cast("String", self.impl_instance).length
        return types.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")


class MediumText(_Adapted):
    """Text of up to 16 MiB, where MySQL's has 64 KiB."""

    impl = Text
    cache_ok = True

    def on_mysql(self, types: Any) -> Any:
        """Choose the larger one."""
        return types.MEDIUMTEXT()


class LongText(_Adapted):
    """Text of up to 4 GiB."""

    impl = Text
    cache_ok = True

    def on_mysql(self, types: Any) -> Any:
        """Choose the largest one."""
        return types.LONGTEXT()


class MediumBlob(_Adapted):
    """Bytes, up to 16 MiB of them."""

    impl = LargeBinary
    cache_ok = True

    def on_mysql(self, types: Any) -> Any:
        """Choose the larger one."""
        return types.MEDIUMBLOB()
