"""The addresses of images: uploaded, listed and deleted by their owners, shown to everybody."""

from typing import Final

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from blog_service.blog import current_blog
from blog_service.errors import TooManyImages, UnfitImage
from blog_service.guard import login_required
from blog_service.images.model import MEDIA_TYPES, Image, alt_fault
from blog_service.images.service import PAGE_SIZE
from blog_service.pages import form_page
from blog_service.sessions import require_user
from chassis import best_match, dump_json, none_match

images = Blueprint("images", __name__)

MAX_UPLOAD: Final = 5 << 20
_ONE = "/images/<string(maxlength=64):image_id>.<any(png, jpg, gif, webp):extension>"
_CACHED = "public, max-age=31536000, immutable"
# An image opened by itself runs nothing, whatever a browser takes it for.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@images.get("/images")
@login_required
def index() -> Response:
    """List one's own images."""
    return _index_page()


@images.post("/images")
@login_required
def add() -> WerkzeugResponse:
    """Store an image."""
    wants_json = best_match(request.headers.get("Accept"), ["text/html", "application/json"])
    try:
        stored = _store()
    except (UnfitImage, TooManyImages) as exc:
        if wants_json == "application/json":
            raise
        return _index_page(exc.status, exc.detail)
    if wants_json == "application/json":
        return _described(stored)
    flash("The image is stored. Copy its line into a post.")
    return redirect(url_for("images.index", _anchor=f"image-{stored.number}"))


@images.get(_ONE)
def show(image_id: str, extension: str) -> Response:
    """Give an image; its address never has another one."""
    content = current_blog().images.read(image_id, extension)
    etag = f'"{image_id}"'
    if none_match(request.headers.get("If-None-Match"), etag):
        response = Response(status=304)
    else:
        response = Response(content(), content_type=MEDIA_TYPES[extension])
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = _CACHED
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Content-Disposition"] = "inline"
    return response


@images.post(f"{_ONE}/delete")
@login_required
def delete(image_id: str, extension: str) -> WerkzeugResponse:
    """Delete one's own image."""
    current_blog().images.delete(require_user(), image_id, extension)
    flash("The image is deleted. Posts that show it have a gap now.")
    return redirect(url_for("images.index"))


def _store() -> Image:
    file, alt = request.files.get("file"), request.form.get("alt", "").strip()
    if file is None or not file.filename:
        raise UnfitImage("Choose an image.")
    if fault := alt_fault(alt):
        raise UnfitImage(fault)
    content = file.stream.read(MAX_UPLOAD + 1)
    if len(content) > MAX_UPLOAD:
        raise UnfitImage("An image can have at most 5 MiB.")
    return current_blog().images.add(require_user(), content, alt)


def _described(stored: Image) -> Response:
    address = url_for("images.show", image_id=stored.id, extension=stored.extension)
    width, height = stored.dimensions
    body = {"url": address, "markdown": stored.markdown, "width": width, "height": height}
    response = Response(dump_json(body), 201, content_type="application/json")
    response.headers["Location"] = address
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _index_page(status: int = 200, message: str | None = None) -> Response:
    before = request.args.get("before", type=_number)
    found = current_blog().images.newest(require_user(), before)
    shown, more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    return form_page(
        "images.html",
        status,
        images=shown,
        after=shown[-1].number if more else None,
        before=before,
        message=message,
        alt=request.form.get("alt", ""),
    )


def _number(text: str) -> int:
    """Read the number of an image; raises `ValueError` for what a column cannot hold."""
    number = int(text)
    if not 0 < number < 2**31:
        raise ValueError(text)
    return number
