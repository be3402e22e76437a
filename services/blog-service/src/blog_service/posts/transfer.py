"""All of one's posts and images, out and in again."""

import io
import tempfile
from collections.abc import Iterator
from typing import IO

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from blog_service.blog import current_blog
from blog_service.errors import UnfitArchive
from blog_service.guard import login_required
from blog_service.images.portable import parts_of, read_images, write_images
from blog_service.posts.portable import read_archive, write_archive
from blog_service.sessions import require_user
from chassis import NotFound

transfer = Blueprint("transfer", __name__)

_IN_MEMORY = 1 << 20
_CHUNK = 1 << 16


@transfer.get("/account/export")
@login_required
def take_out() -> Response:
    """Give all of one's posts and images as an archive, or one of several."""
    blog, user = current_blog(), require_user()
    parts = parts_of(blog.images.take_out(user))
    part = request.args.get("part", 1, type=int)
    if not 0 < part <= len(parts):
        raise NotFound("There is no such part.")
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed after the last byte is sent
    write_archive(blog.posts.take_out(user) if part == 1 else (), file)
    write_images(parts[part - 1], lambda image: blog.images.content(user, image), file)
    file.seek(0, io.SEEK_END)
    response = Response(_chunks(file), mimetype="application/zip")
    response.headers["Content-Length"] = str(file.tell())
    response.headers["Content-Disposition"] = "attachment; filename=posts.zip"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@transfer.post("/account/import")
@login_required
def bring_in() -> WerkzeugResponse:
    """Store the posts and images of an archive."""
    file, blog, user = request.files.get("file"), current_blog(), require_user()
    if file is None or not file.filename:
        raise UnfitArchive("Choose an archive of posts.")
    for _ in read_archive(file.stream):
        pass  # all posts are read before any of them is stored
    images = blog.images.bring_in(user, read_images(file.stream))
    posts = blog.posts.bring_in(user, read_archive(file.stream))
    told = f"{_counted(posts, 'post')} and {_counted(images, 'image')}" if images else _counted(posts, "post")
    flash(f"{told} {'is' if posts + images == 1 else 'are'} imported.")
    return redirect(url_for("auth.account"))


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
