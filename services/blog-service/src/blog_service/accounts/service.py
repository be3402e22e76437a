"""Registration, login and logout."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from blog_service.accounts.names import username_key
from blog_service.accounts.passwords import hash_password, needs_rehash, verify_password
from blog_service.accounts.store import AccountStore, Credentials, User
from blog_service.accounts.throttle import LoginThrottle
from blog_service.errors import AuthorNotFound
from chassis import get_logger

SESSION_LIFETIME = timedelta(days=30)

log = get_logger(__name__)


class Accounts:
    """The rules of accounts.

    Arguments:
        store: where accounts are kept.
        throttle: what slows guessing down.
        now: the clock.
        forget: deletes what an account has outside the store.
    """

    def __init__(
        self,
        store: AccountStore,
        throttle: LoginThrottle,
        now: Callable[[], datetime],
        *,
        forget: Callable[[User], None],
    ) -> None:
        self._store = store
        self._throttle = throttle
        self._now = now
        self._forget = forget

    def register(self, username: str, password: str) -> None:
        """Make an account.

        Raises:
            UsernameTaken: there is one of this name, in some letter case.
        """
        self._store.add(username, username_key(username), hash_password(password))
        log.info("user_registered")

    def log_in(self, username: str, password: str, address: str | None) -> str | None:
        """Check a name and a password; return a new session's token, or None if they do not fit.

        Raises:
            TooManyLogins: there were too many failures.
        """
        key = username_key(username)
        attempt = self._throttle.begin(key, address, self._now())
        found = self._store.find(username, key)
        stored = found.password_hash if found else None
        if not verify_password(stored, password) or found is None:
            log.info("login_failed")
            return None
        self._throttle.clear(attempt)
        self._refresh_hash(found, password)
        return self._open_session(found.user)

    def user_of(self, token: str) -> User | None:
        """Tell who a session's token belongs to."""
        return self._store.session_user(_digest(token), self._now())

    def author(self, username: str) -> User:
        """Find who writes under a name, in any letter case.

        Raises:
            AuthorNotFound: nobody does.
        """
        found = self._store.find(username, username_key(username))
        if found is None:
            raise AuthorNotFound("There is no such author.")
        return found.user

    def log_out(self, token: str) -> None:
        """End a session, also for a copy of its cookie."""
        self._store.close_session(_digest(token))

    def change_password(self, user: User, current: str, new: str, token: str, address: str | None) -> bool:
        """Change the password and end all other sessions; False if the current one is wrong."""
        if not self._confirms(user, current, address):
            return False
        self._store.set_password(user.id, hash_password(new))
        self._store.close_sessions(user.id, but=_digest(token))
        return True

    def delete(self, user: User, password: str, address: str | None) -> bool:
        """Delete the account with all it has; False if the password is wrong."""
        if not self._confirms(user, password, address):
            return False
        self._forget(user)
        self._store.delete(user.id)
        log.info("user_deleted", user_id=user.id)
        return True

    def _confirms(self, user: User, password: str, address: str | None) -> bool:
        attempt = self._throttle.begin(username_key(user.username), address, self._now())
        found = self._store.get(user.id)
        good = verify_password(found.password_hash if found else None, password)
        if good:
            self._throttle.clear(attempt)
        return good

    def _refresh_hash(self, found: Credentials, password: str) -> None:
        if needs_rehash(found.password_hash):
            self._store.set_password(found.user.id, hash_password(password))

    def _open_session(self, user: User) -> str:
        token, now = secrets.token_urlsafe(32), self._now()
        self._store.open_session(user.id, _digest(token), now, now + SESSION_LIFETIME)
        return token


def _digest(token: str) -> str:
    """The database holds no token that could be used as it is."""
    return hashlib.sha256(token.encode()).hexdigest()
