"""What the page's forms send."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request

from chassis import BadRequest, Forbidden
from chassis.fastapi import check_media_type
from config_service.search import Condition
from config_service.service import conditions_of

COOKIE = "config_token"
MAX_REASON = 500

Form = Mapping[str, str]


async def read_form(request: Request) -> Form:
    """Read an HTML form.

    Raises:
        BadRequest: it is none.
    """
    check_media_type(request, ("application/x-www-form-urlencoded",))
    try:
        pairs = parse_qsl((await request.body()).decode(), True, errors="strict", max_num_fields=20)
    except ValueError as exc:
        raise BadRequest("The form cannot be read.") from exc
    return dict(pairs)


def reason_of(form: Form) -> str | None:
    """Return why something is changed, if the form says so."""
    return form.get("reason", "").strip()[:MAX_REASON] or None


def check_origin(request: Request) -> None:
    """Refuse a form that another site made the browser send.

    Raises:
        Forbidden: it is from elsewhere.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    own = urlsplit(origin).netloc == request.url.netloc if origin else True
    if (site or ("same-origin" if own else "cross-site")) not in ("same-origin", "none"):
        raise Forbidden("This form comes from another site.")


def conditions_of_text(text: str) -> set[Condition]:
    """Read search conditions as a person writes them: `limits.cpu.enabled=true replicas=3`.

    Raises:
        InvalidSearch: there are too many, or one has no path.
    """
    pairs = (word.partition("=") for word in text.split())
    return conditions_of((f"metadata.{path.removeprefix('metadata.')}", value) for path, _, value in pairs)
