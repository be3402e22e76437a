"""What the API reads of a request."""

from typing import TypeVar

from flask import g, request
from pydantic import BaseModel, ValidationError

from blog_service.accounts.store import User
from blog_service.blog import current_blog
from blog_service.errors import NotAuthenticated
from chassis import FieldError, UnprocessableContent, UnsupportedMediaType, parse_json, parse_media_type

M = TypeVar("M", bound=BaseModel)


def token_user() -> User | None:
    """Return whose token came along, None without one; cookies mean nothing here.

    Raises:
        NotAuthenticated: it is no good token (RFC 6750 §3).
    """
    if "token_user" not in g:
        g.token_user = _owner(request.headers.get("Authorization"))
    user: User | None = g.token_user
    return user


def require_token_user() -> User:
    """Return whose token came along; raises `NotAuthenticated` also without one."""
    user = token_user()
    if user is None:
        raise _challenge("This needs a token: make one on your account page.", "Bearer")
    return user


def read_body(model: type[M]) -> M:
    """Read a JSON body.

    Raises:
        UnsupportedMediaType: it is something else.
        BadRequest: it is no strict JSON.
        UnprocessableContent: it breaks the schema.
    """
    media_type = parse_media_type(request.headers.get("Content-Type"))
    if request.get_data() and (media_type is None or media_type.essence != "application/json"):
        headers = {"Accept-Post": "application/json"} if request.method == "POST" else {}
        raise UnsupportedMediaType("Send application/json.", headers=headers)
    value = parse_json(request.get_data())
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        faults = [
            FieldError(_pointer(fault["loc"]), fault["msg"].removeprefix("Value error, "))
            for fault in exc.errors()
        ]
        raise UnprocessableContent("The post breaks the schema.", errors=faults) from exc


def _owner(header: str | None) -> User | None:
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    user = current_blog().tokens.owner(token.strip()) if scheme.lower() == "bearer" else None
    if user is None:
        raise _challenge("The token is not good.", 'Bearer error="invalid_token"')
    return user


def _challenge(detail: str, challenge: str) -> NotAuthenticated:
    return NotAuthenticated(detail, headers={"WWW-Authenticate": challenge})


def _pointer(location: tuple[int | str, ...]) -> str:
    """Write a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location)
