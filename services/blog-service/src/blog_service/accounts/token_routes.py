"""The tokens of an account, made and taken back."""

from flask import Blueprint, Response, flash, redirect, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from blog_service.accounts.forms import TokenForm
from blog_service.accounts.pages import account_page
from blog_service.blog import current_blog
from blog_service.guard import login_required
from blog_service.sessions import require_user

tokens = Blueprint("tokens", __name__)


@tokens.post("/account/tokens")
@login_required
def make() -> Response:
    """Make a token, and show it this once."""
    form = TokenForm()
    if not form.validate():
        return account_page(token_form=form)
    token = current_blog().tokens.make(require_user(), form.name.data or "")
    return account_page(new_token=token)


@tokens.post("/account/tokens/<int(max=2147483647):token_id>/revoke")
@login_required
def revoke(token_id: int) -> WerkzeugResponse:
    """Take a token back."""
    current_blog().tokens.revoke(require_user(), token_id)
    flash("The token is revoked.")
    return redirect(url_for("auth.account"))
