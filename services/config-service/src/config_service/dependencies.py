"""What the handlers of both surfaces ask for."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request, Response

from config_service.documents import Change
from config_service.store import Store
from config_service.v1_service import Preconditions

NO_CONTENT: dict[str, Any] = {"status_code": 204, "response_class": Response}


async def _store(request: Request) -> AsyncIterator[Store]:
    async with request.state.gate:
        yield request.state.store


async def _change(
    request: Request, x_change_reason: Annotated[str | None, Header(max_length=500)] = None
) -> Change:
    author = request.client.host if request.client else ""
    return Change(author, x_change_reason and _utf8(x_change_reason))


async def _preconditions(request: Request) -> Preconditions:
    def header(name: str) -> str | None:
        return ", ".join(lines) if (lines := request.headers.getlist(name)) else None

    return Preconditions(header("if-match"), header("if-none-match"))


DependsStore = Annotated[Store, Depends(_store, scope="function")]
DependsChange = Annotated[Change, Depends(_change)]
DependsPreconditions = Annotated[Preconditions, Depends(_preconditions)]
Limit = Annotated[int, Query(ge=1, le=1000)]


def _utf8(header: str) -> str:
    """Read a header as UTF-8, in which browsers and scripts send it, where it is that."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeDecodeError:
        return header
