"""What the handlers of both surfaces ask for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request, Response

from config_service.documents import Change
from config_service.store import Store
from config_service.tokens import Access, bearer
from config_service.v1_service import Preconditions

NO_CONTENT: dict[str, Any] = {"status_code": 204, "response_class": Response}


async def _store(request: Request) -> AsyncIterator[Store]:
    names = request.path_params.get("name") or request.query_params.get("prefix", "")
    check_access(request, names)
    async with request.state.gate:
        yield request.state.store


async def _shared_store(request: Request) -> AsyncIterator[Store]:
    check_access(request, None)
    async with request.state.gate:
        yield request.state.store


async def _change(
    request: Request, x_change_reason: Annotated[str | None, Header(max_length=500)] = None
) -> Change:
    reason = x_change_reason and _utf8(x_change_reason)
    access: Access = request.state.access
    if token := access.writer(bearer(request.headers.get("authorization"))):
        return Change(token.name, reason, token.prefix)
    return Change(request.client.host if request.client else "", reason)


def check_access(request: Request, names: str | None) -> None:
    """Refuse what the request's token is not for, before anything else is done.

    Args:
        request: with the token or without.
        names: the name that is read, or the prefix of all that are; None for what every token may read.

    Raises:
        Unauthorized: it bears no token, or an unknown one.
        Forbidden: the token is for something else.
    """
    access: Access = request.state.access
    token = bearer(request.headers.get("authorization"))
    if request.method == "GET":
        access.check_reader(token, names)
    else:
        access.writer(token)


def preconditions_of(request: Request) -> Preconditions:
    """Read what the request says the document must be; several lines of a header are one list."""

    def header(name: str) -> str | None:
        return ", ".join(lines) if (lines := request.headers.getlist(name)) else None

    return Preconditions(header("if-match"), header("if-none-match"))


async def _preconditions(request: Request) -> Preconditions:
    return preconditions_of(request)


opened_store = asynccontextmanager(_store)
DependsStore = Annotated[Store, Depends(_store, scope="function")]
DependsSharedStore = Annotated[Store, Depends(_shared_store, scope="function")]
DependsChange = Annotated[Change, Depends(_change)]
DependsPreconditions = Annotated[Preconditions, Depends(_preconditions)]
Limit = Annotated[int, Query(ge=1, le=1000)]


def _utf8(header: str) -> str:
    """Read a header as UTF-8, in which browsers and scripts send it, where it is that."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeDecodeError:
        return header
