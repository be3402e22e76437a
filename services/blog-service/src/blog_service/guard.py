"""What every request passes before its view: the login, then the CSRF token."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]  # ships no types
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]  # ships no types
from werkzeug.wrappers import Response as WerkzeugResponse

from blog_service.api.routes import API
from blog_service.navigation import redirect_to_login
from blog_service.sessions import current_user

View = TypeVar("View", bound=Callable[..., object])
_MARK = "blog_login_required"
# Fields that are typed, with their labels; passwords are typed again.
_TYPED = {
    "username": "Username",
    "title": "Title",
    "body": "Body",
    "tags": "Tags",
    "publish_at": "Publish at",
    "name": "Name",
}
_CARRIED = ("version", "next", "status")


def login_required(view: View) -> View:
    """Mark a view that needs a login."""
    setattr(view, _MARK, True)
    return view


def install_guard(app: Flask) -> None:
    """Check each request; a view cannot forget to."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    csrf = CSRFProtect(app)

    @app.before_request
    def guard() -> WerkzeugResponse | None:
        view = current_app.view_functions.get(request.endpoint or "")
        if getattr(view, _MARK, False) and current_user() is None:
            return redirect_to_login()
        # A token is sent by a program on purpose, never by a browser on its own; cookies do not count there.
        if view is not None and request.blueprint != API:
            csrf.protect()
        return None

    app.register_error_handler(CSRFError, _show_again)


def _show_again(_error: CSRFError) -> Response:
    """Show what was typed, so that nothing is lost when a form has expired."""
    typed = [(name, label, request.form[name]) for name, label in _TYPED.items() if name in request.form]
    carried = [(name, request.form[name]) for name in _CARRIED if name in request.form]
    passwords = [name for name in request.form if "password" in name]
    page = render_template("expired.html", typed=typed, carried=carried, passwords=passwords)
    response = make_response(page, 400)
    response.cache_control.no_store = True
    return response
