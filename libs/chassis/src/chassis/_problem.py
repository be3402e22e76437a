"""Errors that a client sees, as problem details (RFC 9457)."""

import http
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self
from urllib.parse import quote

import orjson
from markupsafe import Markup

from chassis._html import html_page
from chassis._negotiation import best_match
from chassis._rate_limit import RateLimit

# RFC 9110 renamed these; Python 3.11 and 3.12 have the older phrases.
_PHRASES = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
_REPRESENTATIONS = ("application/problem+json", "application/json", "text/html")
_PATH = "/:@!$&'()*+,;=~"  # what a path may hold unescaped besides letters and digits (RFC 3986 §3.3)
_UNSAFE = re.compile(r"[^\t\x20-\x7e\x80-\xff]+")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault of a request body.

    Arguments:
        pointer: where it is, a JSON pointer (RFC 6901); empty for the whole body.
        detail: what is wrong, for a person.
    """

    pointer: str
    detail: str


class Problem(Exception):
    """An error with an HTTP status; raise it anywhere and the adapter answers with it.

    Arguments:
        detail: what went wrong this time, for a person.
        headers: response headers to send besides the class's `default_headers`.
        errors: the faults of the request body.
    """

    status: int = 500
    type: ClassVar[str] = "about:blank"
    title: ClassVar[str | None] = None
    default_headers: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Iterable[FieldError] = (),
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = {**self.default_headers, **(headers or {})}
        self.errors = tuple(errors)

    @classmethod
    def of_status(
        cls, status: int, detail: str | None = None, *, headers: Mapping[str, str] | None = None
    ) -> Self:
        """Make a problem of a status that has no class of its own."""
        problem = cls(detail, headers=headers)
        problem.status = status
        return problem

    def __str__(self) -> str:
        return self.detail or status_phrase(self.status)

    def document(self, instance: str, request_id: str) -> dict[str, Any]:
        """Return the members of the problem document (RFC 9457 §3.1) in their usual order."""
        members: dict[str, Any] = {
            "type": self.type,
            "title": self.title or status_phrase(self.status),
            "status": self.status,
        }
        if self.detail is not None:
            members["detail"] = _unicode(self.detail)
        members |= {"instance": _unicode(instance), "request_id": _unicode(request_id)}
        if self.errors:
            members["errors"] = [
                {"pointer": _unicode(error.pointer), "detail": _unicode(error.detail)}
                for error in self.errors
            ]
        return members


class BadRequest(Problem):
    """The request cannot be understood."""

    status = 400


class Unauthorized(Problem):
    """The caller must say who it is."""

    status = 401


class Forbidden(Problem):
    """The caller may not do this."""

    status = 403


class NotFound(Problem):
    """There is nothing here."""

    status = 404


class Conflict(Problem):
    """The request does not fit the current state."""

    status = 409


class PreconditionFailed(Problem):
    """A condition in the request's headers does not hold."""

    status = 412


class ContentTooLarge(Problem):
    """The body is larger than this endpoint takes."""

    status = 413


class UnsupportedMediaType(Problem):
    """The body is of a type this endpoint does not take."""

    status = 415


class UnprocessableContent(Problem):
    """The body is well formed and breaks a rule."""

    status = 422


class QuotaExceeded(Problem):
    """The caller sent too many requests."""

    status = 429
    type = "https://iana.org/assignments/http-problem-types#quota-exceeded"
    title = "Request cannot be satisfied as assigned quota has been exceeded"

    @classmethod
    def of(cls, limit: RateLimit, reset: float) -> Self:
        """Refuse until the quota is whole again in `reset` seconds."""
        seconds = max(1, math.ceil(reset))
        detail = f"At most {limit.amount} requests in {limit.window} s; try again in {seconds} s."
        return cls(detail, headers={"Retry-After": str(seconds), **limit.headers(0, seconds)})


class BadGateway(Problem):
    """A service behind this one answered nonsense."""

    status = 502


class ServiceUnavailable(Problem):
    """This service cannot answer just now."""

    status = 503


class StoreUnavailable(ServiceUnavailable):
    """The store is down, slow or read-only."""

    default_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class GatewayTimeout(Problem):
    """A service behind this one did not answer in time."""

    status = 504


def status_phrase(status: int) -> str:
    """Return the reason phrase of a status by RFC 9110, or a plain word for one without a name."""
    if status in _PHRASES:
        return _PHRASES[status]
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def render_problem(
    problem: Problem, *, accept: str | None, instance: str, request_id: str
) -> tuple[bytes, list[tuple[str, str]]]:
    """Return the body and the headers of the answer: JSON, or a page for who likes that better.

    Arguments:
        problem: what to answer.
        accept: the Accept header.
        instance: the path of the request, decoded.
        request_id: what finds the request in the log.
    """
    document = problem.document(quote(_unicode(instance), safe=_PATH), request_id)
    if best_match(accept, _REPRESENTATIONS) == "text/html":
        page = html_page(f"{document['status']} {document['title']}", _page_body(document))
        body, headers = page.content, page.headers
    else:
        body, headers = orjson.dumps(document), {"Content-Type": "application/problem+json"}
    own = {name: _UNSAFE.sub(" ", value).strip() for name, value in problem.headers.items()}
    return body, list({**headers, "Cache-Control": "no-store", "Vary": "Accept", **own}.items())


def _page_body(document: Mapping[str, Any]) -> Markup:
    heading = Markup("<h1>{} {}</h1>\n").format(document["status"], document["title"])
    detail = Markup("<p>{}</p>\n").format(document["detail"]) if "detail" in document else Markup("")
    rows = [
        Markup("<li><code>{pointer}</code> {detail}</li>\n").format(**e) for e in document.get("errors", ())
    ]
    faults = Markup("<ul>\n{}</ul>\n").format(Markup("").join(rows)) if rows else Markup("")
    trace = Markup('<p class="aside">Request <code>{}</code></p>').format(document["request_id"])
    return heading + detail + faults + trace


def _unicode(text: str) -> str:
    """Replace lone surrogates, which no UTF-8 document can carry."""
    return text.encode("utf-8", "replace").decode()
