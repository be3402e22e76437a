"""Personal access tokens: a password for one program, which can be taken back."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select

from blog_service.accounts.store import User
from blog_service.database import Database
from blog_service.errors import TokenNotFound, TooManyTokens
from blog_service.tables import access_token, user
from chassis import get_logger

MAX_TOKENS = 50
_PREFIX = "blog_"
_BY_TOKEN = (
    select(user.c.id, user.c.username)
    .join(access_token, access_token.c.user_id == user.c.id)
    .where(access_token.c.token_hash == bindparam("token_hash"))
)

log = get_logger(__name__)


class Token(NamedTuple):
    """A token as its owner sees it later: not the token itself."""

    id: int
    name: str
    created: datetime


class Tokens:
    """The rules of tokens, and where they are kept.

    Arguments:
        database: where they are.
        now: the clock.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def make(self, owner: User, name: str) -> str:
        """Make a token; this is the only time that it is seen.

        Raises:
            TooManyTokens: the owner has as many as one may have.
        """
        if len(self.of_user(owner)) >= MAX_TOKENS:
            raise TooManyTokens(f"An account can have at most {MAX_TOKENS} tokens.")
        token = f"{_PREFIX}{secrets.token_urlsafe(32)}"
        values = {"user_id": owner.id, "token_hash": _digest(token), "name": name, "created": self._now()}
        self._database.execute(insert(access_token).values(**values))
        log.info("token_made", user_id=owner.id)
        return token

    def of_user(self, owner: User) -> list[Token]:
        """List the tokens of an account, newest first."""
        columns = (access_token.c.id, access_token.c.name, access_token.c.created)
        query = select(*columns).where(access_token.c.user_id == owner.id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(access_token.c.id.desc()))
            return [Token(*row) for row in rows]

    def owner(self, token: str) -> User | None:
        """Tell whose token this is."""
        if not token.startswith(_PREFIX):
            return None
        with self._database.read() as connection:
            row = connection.execute(_BY_TOKEN, {"token_hash": _digest(token)}).first()
        return User(row.id, row.username) if row else None

    def revoke(self, owner: User, token_id: int) -> None:
        """Take a token back.

        Raises:
            TokenNotFound: the account has no such token.
        """
        mine = access_token.c.id == token_id, access_token.c.user_id == owner.id
        statement = delete(access_token).where(*mine)
        if self._database.write(lambda connection: connection.execute(statement).rowcount) == 0:
            raise TokenNotFound("You have no such token.")
        log.info("token_revoked", user_id=owner.id)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
