"""The login throttle: slow for who guesses, out of the way of who does not."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from blog_service.database import Database, new_id
from blog_service.errors import TooManyLogins
from blog_service.tables import login_failure

WINDOW = timedelta(minutes=15)
PAIR_LIMIT = 5
ADDRESS_LIMIT = 20
ACCOUNT_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Attempt:
    """A login that is being checked; it counts as failed until it is cleared."""

    id: int
    account_hash: str
    address: str


class LoginThrottle:
    """Counts failed logins in the database, where all replicas see them.

    Arguments:
        database: where they are counted.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, key: str, address: str | None, now: datetime) -> Attempt:
        """Count a login as failed before it is checked, so that many at once are no way around.

        Raises:
            TooManyLogins: a limit is used up; this try does not count.
        """
        self._remove(login_failure.c.failed <= now - WINDOW)
        attempt = self._add(_digest(key), _network(address), now)
        with self._database.read() as connection:
            wait = _wait(connection, attempt, now)
        if wait > timedelta():
            self._remove(login_failure.c.id == attempt.id)
            raise TooManyLogins(wait.total_seconds())
        return attempt

    def clear(self, attempt: Attempt) -> None:
        """Forget the failures of this account from this address: the login was good."""
        self._remove(
            login_failure.c.account_hash == attempt.account_hash,
            login_failure.c.address == attempt.address,
        )

    def _add(self, account_hash: str, address: str, now: datetime) -> Attempt:
        statement = insert(login_failure).values(account_hash=account_hash, address=address, failed=now)
        result = self._database.write(lambda connection: connection.execute(statement))
        return Attempt(new_id(result), account_hash, address)

    def _remove(self, *conditions: ColumnElement[bool]) -> None:
        self._database.execute(delete(login_failure).where(*conditions))


def _wait(connection: Connection, attempt: Attempt, now: datetime) -> timedelta:
    account = login_failure.c.account_hash == attempt.account_hash
    address = login_failure.c.address == attempt.address
    limits = (((account, address), PAIR_LIMIT), ((address,), ADDRESS_LIMIT), ((account,), ACCOUNT_LIMIT))
    return max(_wait_of(connection, attempt, now, conditions, limit) for conditions, limit in limits)


def _wait_of(
    connection: Connection,
    attempt: Attempt,
    now: datetime,
    conditions: tuple[ColumnElement[bool], ...],
    limit: int,
) -> timedelta:
    """Return the time until the oldest of the last `limit` earlier failures is out of the window."""
    oldest = connection.execute(
        select(login_failure.c.failed)
        .where(*conditions, login_failure.c.failed > now - WINDOW, login_failure.c.id < attempt.id)
        .order_by(login_failure.c.id.desc())
        .offset(limit - 1)
        .limit(1)
    ).scalar()
    return timedelta() if oldest is None else oldest + WINDOW - now


def _digest(key: str) -> str:
    """People type a password into the name's field now and then: it is not kept as typed."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _network(address: str | None) -> str:
    """An IPv6 user has a whole /64 of addresses."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return "unknown"
    return str(IPv6Network((ip, 64), strict=False)) if isinstance(ip, IPv6Address) else str(ip)
