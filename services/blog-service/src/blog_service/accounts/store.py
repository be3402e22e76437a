"""Accounts and their login sessions in the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from blog_service.database import Database
from blog_service.errors import UsernameTaken
from blog_service.tables import login_session, post, user

_BY_SESSION = (
    select(user.c.id, user.c.username)
    .join(login_session, login_session.c.user_id == user.c.id)
    .where(login_session.c.token_hash == bindparam("token_hash"), login_session.c.expires > bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class User:
    """Who is logged in, or writes."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login is checked against."""

    user: User
    password_hash: str


class AccountStore:
    """Reads and writes accounts.

    Arguments:
        database: where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, username: str, key: str, password_hash: str) -> None:
        """Add an account; of several at once with one key, the database lets one in."""
        try:
            self._database.execute(
                insert(user).values(username=username, username_key=key, password=password_hash)
            )
        except IntegrityError as exc:
            raise UsernameTaken(username) from exc

    def find(self, username: str, key: str) -> Credentials | None:
        """Find by name: as typed before in another letter case, which an old database may hold both of."""
        query = (
            select(user)
            .where(or_(user.c.username == username, user.c.username_key == key))
            .order_by((user.c.username == username).desc(), user.c.id)
            .limit(1)
        )
        with self._database.read() as connection:
            return _credentials(connection.execute(query).first())

    def get(self, user_id: int) -> Credentials | None:
        """Read one account."""
        with self._database.read() as connection:
            return _credentials(connection.execute(select(user).where(user.c.id == user_id)).first())

    def set_password(self, user_id: int, password_hash: str) -> None:
        """Store another hash."""
        self._database.execute(update(user).where(user.c.id == user_id).values(password=password_hash))

    def delete(self, user_id: int) -> None:
        """Delete an account and all it wrote."""
        self._database.execute(
            delete(login_session).where(login_session.c.user_id == user_id),
            delete(post).where(post.c.author_id == user_id),
            delete(user).where(user.c.id == user_id),
        )

    def open_session(self, user_id: int, token_hash: str, now: datetime, expires: datetime) -> None:
        """Remember a login, and forget the ones of this account that ran out."""
        self._database.execute(
            delete(login_session).where(login_session.c.user_id == user_id, login_session.c.expires <= now),
            insert(login_session).values(token_hash=token_hash, user_id=user_id, expires=expires),
        )

    def session_user(self, token_hash: str, now: datetime) -> User | None:
        """Tell whose session this is."""
        with self._database.read() as connection:
            row = connection.execute(_BY_SESSION, {"token_hash": token_hash, "now": now}).first()
        return User(row.id, row.username) if row else None

    def close_session(self, token_hash: str) -> None:
        """Forget a login."""
        self._database.execute(delete(login_session).where(login_session.c.token_hash == token_hash))

    def close_sessions(self, user_id: int, *, but: str) -> None:
        """Forget all other logins of an account."""
        self._database.execute(
            delete(login_session).where(login_session.c.user_id == user_id, login_session.c.token_hash != but)
        )


def _credentials(row: Row[Any] | None) -> Credentials | None:
    return Credentials(User(row.id, row.username), row.password) if row else None
