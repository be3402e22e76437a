"""The page for people: list, look, compare, edit, roll back; without a script."""

from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from chassis import BadRequest, PreconditionFailed, Problem, UnprocessableContent, parse_json
from chassis.fastapi import Router
from config_service import history, schema_service, v1_service
from config_service.documents import Config
from config_service.errors import ConfigExists, InvalidConfig, field_errors
from config_service.page_access import HISTORY, Number, PageChange, PageStore, Sent
from config_service.page_forms import COOKIE, Form, check_origin, conditions_of_text
from config_service.page_views import diff_lines, pretty, render
from config_service.schemas import MAX_REVISION
from config_service.store import Store
from config_service.tokens import Access
from config_service.v1_schemas import ConfigBody, NewConfigBody
from config_service.v1_service import Preconditions

router = Router(tags=["pages"], include_in_schema=False)

PAGE = 50
MAX_FORM = 2 * 1024 * 1024


@router.get("/")
def list_page(
    request: Request,
    store: PageStore,
    prefix: Annotated[str, Query(max_length=128)] = "",
    where: Annotated[str, Query(max_length=2000)] = "",
    after: Annotated[str, Query(max_length=128)] = "",
) -> Response:
    """List and search documents."""
    fault, found = "", list[Config]()
    try:
        found = store.find(conditions_of_text(where), prefix=prefix, after=after, limit=PAGE + 1)
    except UnprocessableContent as exc:
        fault = str(exc)
    following = None
    if len(found) > PAGE:
        following = urlencode({"prefix": prefix, "where": where, "after": found[PAGE - 1].name})
    values: dict[str, Any] = {
        "configs": found[:PAGE],
        "following": following,
        "prefix": prefix,
        "where": where,
    }
    return render(request, "list.html", **values, fault=fault)


@router.get("/pages/configs/{name}")
def view_page(request: Request, name: str, store: PageStore, revision: Number = None) -> Response:
    """Show a document, or what a revision made of it, with its history."""
    current = store.get(name)
    entries = store.changes.list(name, limit=HISTORY)
    shown = store.changes.get(name, revision or entries[0].revision)
    values: dict[str, Any] = {"name": name, "current": current, "entries": entries, "shown": shown}
    return render(request, "view.html", **values, content=shown.metadata and pretty(shown.metadata))


@router.get("/pages/configs/{name}/diff")
def diff_page(
    request: Request,
    name: str,
    store: PageStore,
    old: Annotated[int, Query(alias="from", ge=1, le=MAX_REVISION)],
    new: Annotated[int, Query(alias="to", ge=1, le=MAX_REVISION)],
) -> Response:
    """Compare two revisions of a document."""
    before, after = (store.changes.get(name, number) for number in (old, new))
    lines = diff_lines(before, after)
    return render(request, "diff.html", name=name, old=before, new=after, lines=lines)


@router.get("/pages/new")
def new_page(request: Request, store: PageStore) -> Response:
    """Ask for a new document."""
    return _edit(request, store, name=None, form={"metadata": "{\n}"})


@router.post("/pages/new")
def create(request: Request, store: PageStore, form: Sent, change: PageChange) -> Response:
    """Add a document."""
    try:
        body = NewConfigBody.model_validate({"name": form.get("name", ""), **_document(form)})
        v1_service.create_config(store, body, Preconditions(), change)
    except (ConfigExists, UnprocessableContent, BadRequest) as exc:
        return _edit(request, store, name=None, form=form, problem=exc)
    except ValidationError as exc:
        problem = InvalidConfig("The document breaks a rule.", errors=field_errors(exc))
        return _edit(request, store, name=None, form=form, problem=problem)
    return _to_view(request, body.name)


@router.get("/pages/configs/{name}/edit")
def edit_page(request: Request, name: str, store: PageStore) -> Response:
    """Ask for new content of a document."""
    config = v1_service.get_config(store, name)
    content = {"metadata": pretty(config.metadata), "schema": config.schema or ""}
    return _edit(request, store, name=name, form={**content, "revision": str(config.revision)})


@router.post("/pages/configs/{name}/edit")
def edit(request: Request, name: str, store: PageStore, form: Sent, change: PageChange) -> Response:
    """Replace a document, unless someone else has changed it meanwhile."""
    try:
        body = ConfigBody.model_validate(_document(form))
        v1_service.put_config(store, name, body, _seen(form), change)
    except PreconditionFailed as exc:
        current = store.get(name)
        revision = str(current.revision) if current else ""
        theirs = pretty(current.metadata) if current else ""
        form = {**form, "revision": revision}
        return _edit(request, store, name=name, form=form, problem=exc, theirs=theirs)
    except (UnprocessableContent, BadRequest) as exc:
        return _edit(request, store, name=name, form=form, problem=exc)
    except ValidationError as exc:
        problem = InvalidConfig("The document breaks a rule.", errors=field_errors(exc))
        return _edit(request, store, name=name, form=form, problem=problem)
    return _to_view(request, name)


@router.post("/pages/configs/{name}/rollback")
def roll_back(request: Request, name: str, store: PageStore, form: Sent, change: PageChange) -> Response:
    """Give a document the content of an earlier revision."""
    number = form.get("to", "")
    if not (number.isascii() and number.isdecimal() and 1 <= int(number[:20]) <= MAX_REVISION):
        raise UnprocessableContent("A revision is a number.")
    history.roll_back(store, name, int(number), _seen(form), change)
    return _to_view(request, name)


@router.post("/pages/configs/{name}/delete")
def delete(request: Request, name: str, store: PageStore, form: Sent, change: PageChange) -> Response:
    """Remove a document; its history stays."""
    v1_service.delete_config(store, name, _seen(form), change)
    return _to_view(request, name)


@router.get("/pages/session")
def sign_in_page(request: Request) -> Response:
    """Ask for a token."""
    return render(request, "session.html", fault="")


@router.post("/pages/session")
def sign_in(request: Request, form: Sent) -> Response:
    """Keep a token in a cookie that no script can read; without one, forget it."""
    check_origin(request)
    token, path = form.get("token", "").strip(), f"{request.scope['root_path']}/"
    access: Access = request.state.access
    response = RedirectResponse(path, 303)
    secure = request.url.scheme == "https"
    if not token:
        response.delete_cookie(COOKIE, path=path, secure=secure, httponly=True, samesite="strict")
        return response
    if not access.knows(token):
        return render(request, "session.html", status=401, fault="This token is unknown.")
    response.set_cookie(COOKIE, token, path=path, secure=secure, httponly=True, samesite="strict")
    return response


def _edit(
    request: Request,
    store: Store,
    *,
    name: str | None,
    form: Form,
    problem: Problem | None = None,
    theirs: str | None = None,
) -> Response:
    schemas = schema_service.list_schemas(store)
    status = problem.status if problem else 200
    values: dict[str, Any] = {"name": name, "form": form, "problem": problem, "theirs": theirs}
    return render(request, "edit.html", status=status, **values, schemas=schemas)


def _document(form: Form) -> dict[str, Any]:
    return {"metadata": parse_json(form.get("metadata", "").encode()), "schema": form.get("schema") or None}


def _seen(form: Form) -> Preconditions:
    """The document must be as the person has seen it."""
    revision = form.get("revision", "")
    return Preconditions(if_match=f'"{revision}"') if revision else Preconditions(if_none_match="*")


def _to_view(request: Request, name: str) -> Response:
    return RedirectResponse(f"{request.scope['root_path']}/pages/configs/{quote(name)}", 303)
