"""Who may see and change what on the page; the token is in a cookie."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated

from fastapi import Depends, Query, Request

from chassis import Problem, Unauthorized
from config_service.documents import Change
from config_service.page_forms import COOKIE, Form, check_origin, read_form, reason_of
from config_service.schemas import MAX_REVISION
from config_service.store import Store
from config_service.tokens import Access

HISTORY = 100  # changes that a page lists


@asynccontextmanager
async def _opened(request: Request, names: str | None) -> AsyncIterator[Store]:
    access: Access = request.state.access
    with _sign_in(request):
        access.check_reader(request.cookies.get(COOKIE), names)
    async with request.state.gate:
        yield request.state.store


async def _store(request: Request) -> AsyncIterator[Store]:
    names = request.path_params.get("name") or request.query_params.get("prefix", "")
    async with _opened(request, names) as store:
        yield store


async def _shared_store(request: Request) -> AsyncIterator[Store]:
    async with _opened(request, None) as store:
        yield store


async def _change(request: Request, form: Annotated[Form, Depends(read_form)]) -> Change:
    check_origin(request)
    access: Access = request.state.access
    with _sign_in(request):
        token = access.writer(request.cookies.get(COOKIE))
    if token:
        return Change(token.name, reason_of(form), token.prefix)
    return Change(request.client.host if request.client else "", reason_of(form))


@contextmanager
def _sign_in(request: Request) -> Iterator[None]:
    """Send those who are unknown to where they say who they are."""
    try:
        yield
    except Unauthorized as exc:
        location = f"{request.scope['root_path']}/pages/session"
        raise Problem.of_status(303, "Sign in first.", headers={"Location": location}) from exc


PageStore = Annotated[Store, Depends(_store, scope="function")]
SharedPageStore = Annotated[Store, Depends(_shared_store, scope="function")]
PageChange = Annotated[Change, Depends(_change)]
Sent = Annotated[Form, Depends(read_form)]
Number = Annotated[int | None, Query(ge=1, le=MAX_REVISION)]
