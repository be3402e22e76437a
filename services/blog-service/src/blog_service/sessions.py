"""The session cookie, and who is logged in by it."""

import hashlib

from flask import Flask, Request, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from blog_service.accounts.store import User
from blog_service.blog import current_blog

COOKIE = "blog_session"
_TOKEN = "token"  # noqa: S105 - the name of a field


class BlogSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, kept to the blog's own path, and free for who has none."""

    digest_method = staticmethod(hashlib.sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Skip the signature's machinery for a reader without a cookie."""
        return super().open_session(app, request) if COOKIE in request.cookies else self.session_class()

    def get_cookie_path(self, app: Flask) -> str:
        """Other services may share the host under other paths."""
        return request.script_root or "/"

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell the browser to keep the cookie to https where the blog is reached by it."""
        return request.is_secure


def has_session() -> bool:
    """Tell whether the reader has any session, logged in or not."""
    return COOKIE in request.cookies


def current_user() -> User | None:
    """Return who is logged in; looked up once a request, and only when there is a cookie."""
    if "user" not in g:
        token = session_token()
        g.user = current_blog().accounts.user_of(token) if token else None
    user: User | None = g.user
    return user


def require_user() -> User:
    """Return who is logged in, in a view that the guard lets nobody else into."""
    user = current_user()
    assert user is not None  # noqa: S101 - see above
    return user


def session_token() -> str | None:
    """Return the token of the login."""
    token = session.get(_TOKEN) if has_session() else None
    return token if isinstance(token, str) else None


def start_session(token: str) -> None:
    """Begin a new session for a login; nothing of the one before stays."""
    session.clear()
    session[_TOKEN] = token
    session.permanent = True


def end_session() -> None:
    """Log out."""
    if token := session_token():
        current_blog().accounts.log_out(token)
    session.clear()
