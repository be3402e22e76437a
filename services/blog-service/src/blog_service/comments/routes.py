"""Comments below a post."""

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from blog_service.blog import current_blog
from blog_service.comments.store import Comment
from blog_service.guard import login_required
from blog_service.posts.pages import CommentForm, show_post
from blog_service.sessions import require_user

comments = Blueprint("comments", __name__)

_ID = "/comments/<int(max=2147483647):comment_id>"


@comments.post("/posts/<slug>/comments")
@login_required
def add(slug: str) -> Response:
    """Say something about a post."""
    blog, form, user = current_blog(), CommentForm(), require_user()
    post = blog.posts.read(slug, user)
    if not form.validate():
        return show_post(post, form)
    if blog.comments.add(post, user, form.body.data or ""):
        flash("Thank you. Your comment is shown when the author has approved it.")
    return redirect(url_for("posts.show", slug=post.slug, _anchor="comments"))


@comments.post(f"{_ID}/approve")
@login_required
def approve(comment_id: int) -> Response:
    """Let everybody see a comment."""
    return _back_to(current_blog().comments.approve(comment_id, require_user()))


@comments.post(f"{_ID}/delete")
@login_required
def delete(comment_id: int) -> Response:
    """Delete a comment."""
    return _back_to(current_blog().comments.delete(comment_id, require_user()))


def _back_to(comment: Comment) -> Response:
    return redirect(url_for("posts.show_by_id", post_id=comment.post_id))
