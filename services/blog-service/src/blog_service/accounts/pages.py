"""The account page, with all its forms."""

from flask import Response

from blog_service.accounts.forms import DeleteForm, PasswordForm, TokenForm
from blog_service.blog import current_blog
from blog_service.images.portable import parts_of
from blog_service.pages import form_page
from blog_service.sessions import require_user


def account_page(
    *,
    password_form: PasswordForm | None = None,
    delete_form: DeleteForm | None = None,
    token_form: TokenForm | None = None,
    new_token: str | None = None,
) -> Response:
    """Show the account; with a form that was refused, or a token that was just made."""
    blog, user = current_blog(), require_user()
    return form_page(
        "account.html",
        password_form=password_form or PasswordForm(blank=True),
        delete_form=delete_form or DeleteForm(blank=True),
        token_form=token_form or TokenForm(blank=True),
        new_token=new_token,
        tokens=blog.tokens.of_user(user),
        hidden=blog.posts.unpublished(user),
        parts=len(parts_of(blog.images.take_out(user))),
    )
