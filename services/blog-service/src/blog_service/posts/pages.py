"""A post's page, with its comments."""

from typing import Any

from flask import Response, request
from wtforms import TextAreaField
from wtforms.validators import ValidationError

from blog_service.blog import current_blog
from blog_service.forms import CONTROLS, PageForm, one_line_end
from blog_service.pages import form_page, page
from blog_service.posts.html import place_images
from blog_service.posts.model import Post
from blog_service.sessions import current_user

MAX_COMMENT_LENGTH = 5000


class CommentForm(PageForm):
    """A comment: plain text."""

    body = TextAreaField("Your comment", filters=[one_line_end])

    def validate_body(self, field: TextAreaField) -> None:
        """Check the length, and what a page cannot hold."""
        body = field.data or ""
        if not body.strip():
            raise ValidationError("Comment is required.")
        if len(body) > MAX_COMMENT_LENGTH:
            raise ValidationError(f"Comment must have at most {MAX_COMMENT_LENGTH} characters.")
        if not CONTROLS.isdisjoint(body):
            raise ValidationError("Comment must not contain control characters.")


def show_post(post: Post, form: CommentForm | None = None) -> Response:
    """Show a post; with a form that was refused, too."""
    blog = current_blog()
    comments = blog.comments.shown(post, current_user())
    context: dict[str, Any] = {
        "post": post,
        "html": place_images(post.html, request.script_root),
        "hidden": blog.posts.is_hidden(post),
        "comments": comments,
        "comments_enabled": blog.comments.enabled,
        "form": form or CommentForm(blank=True),
    }
    if form is not None:
        return form_page("post.html", **context)
    return page("post.html", post.id, post.version, [comment.id for comment in comments], **context)
