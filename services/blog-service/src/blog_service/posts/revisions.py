"""The earlier texts of a post, for its author."""

from flask import Blueprint, Response, flash, redirect, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from blog_service.blog import current_blog
from blog_service.guard import login_required
from blog_service.pages import form_page
from blog_service.sessions import require_user

revisions = Blueprint("revisions", __name__)

_ALL = "/<int(max=2147483647):post_id>/revisions"
_ONE = f"{_ALL}/<int(max=2147483647):version>"


@revisions.get(_ALL)
@login_required
def index(post_id: int) -> Response:
    """List the earlier texts."""
    posts = current_blog().posts
    post = posts.get_own(post_id, require_user())
    return form_page("revisions.html", post=post, revisions=posts.revisions(post))


@revisions.get(_ONE)
@login_required
def show(post_id: int, version: int) -> Response:
    """Show an earlier text."""
    posts = current_blog().posts
    post = posts.get_own(post_id, require_user())
    return form_page("revision.html", post=post, revision=posts.revision(post, version))


@revisions.post(f"{_ONE}/restore")
@login_required
def restore(post_id: int, version: int) -> WerkzeugResponse:
    """Make an earlier text the current one."""
    posts = current_blog().posts
    restored = posts.restore(posts.get_own(post_id, require_user()), version)
    flash("The earlier text is back. What it replaced is kept as well.")
    return redirect(url_for("posts.show", slug=restored.slug))
