"""All of one's posts, out and in again."""

import tempfile
from collections.abc import Iterator
from typing import IO

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from blog_service.blog import current_blog
from blog_service.errors import UnfitArchive
from blog_service.guard import login_required
from blog_service.posts.portable import read_archive, write_archive
from blog_service.sessions import require_user

transfer = Blueprint("transfer", __name__)

_IN_MEMORY = 1 << 20
_CHUNK = 1 << 16


@transfer.get("/account/export")
@login_required
def take_out() -> Response:
    """Give all of one's posts as an archive."""
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed after the last byte is sent
    write_archive(current_blog().posts.take_out(require_user()), file)
    response = Response(_chunks(file), mimetype="application/zip")
    response.headers["Content-Length"] = str(file.tell())
    response.headers["Content-Disposition"] = "attachment; filename=posts.zip"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@transfer.post("/account/import")
@login_required
def bring_in() -> WerkzeugResponse:
    """Store the posts of an archive."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise UnfitArchive("Choose an archive of posts.")
    for _ in read_archive(file.stream):
        pass  # all of it is read before any of it is stored
    count = current_blog().posts.bring_in(require_user(), read_archive(file.stream))
    flash(f"{count} posts are imported." if count != 1 else "1 post is imported.")
    return redirect(url_for("auth.account"))


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
