"""Registration, login, logout, and the account page."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from blog_service.accounts.forms import DeleteForm, LoginForm, PasswordForm, RegisterForm
from blog_service.accounts.pages import account_page
from blog_service.blog import current_blog
from blog_service.errors import TooManyLogins, UsernameTaken
from blog_service.forms import add_error
from blog_service.guard import login_required
from blog_service.navigation import safe_next
from blog_service.pages import form_page
from blog_service.sessions import end_session, require_user, session_token, start_session

auth = Blueprint("auth", __name__)

_WRONG = "Incorrect username or password."


@auth.route("/auth/register", methods=["GET", "POST"])
def register() -> Response:
    """Make an account."""
    form = RegisterForm()
    if form.submitted_well() and _register(form):
        flash("Your account is ready. Log in to write.")
        return redirect(url_for("auth.login"))
    return form_page("register.html", form=form)


@auth.route("/auth/login", methods=["GET", "POST"])
def login() -> Response:
    """Log in."""
    form = LoginForm()
    if not form.submitted:
        form.next.data = request.args.get("next", "")
        return form_page("login.html", form=form)
    token = _log_in(form)
    if token is None:
        return form_page("login.html", form=form, message=_WRONG)
    start_session(token)
    return redirect(safe_next(form.next.data or request.args.get("next")) or url_for("lists.index"))


@auth.route("/auth/logout", methods=["GET", "POST"])
def logout() -> Response:
    """Log out."""
    end_session()
    return redirect(url_for("lists.index"))


@auth.get("/account")
@login_required
def account() -> Response:
    """Show the account with its drafts."""
    return account_page()


@auth.post("/account/password")
@login_required
def change_password() -> Response:
    """Change the password; other sessions end."""
    form, accounts = PasswordForm(), current_blog().accounts
    if form.validate():
        current, new = form.current_password.data or "", form.new_password.data or ""
        if accounts.change_password(require_user(), current, new, session_token() or "", request.remote_addr):
            flash("Your password is changed. All other sessions have ended.")
            return redirect(url_for("auth.account"))
        add_error(form.current_password, "Incorrect password.")
    return account_page(password_form=form)


@auth.post("/account/delete")
@login_required
def delete_account() -> Response:
    """Delete the account with its posts."""
    form = DeleteForm()
    if current_blog().accounts.delete(require_user(), form.password.data or "", request.remote_addr):
        end_session()
        flash("Your account is deleted, with all your posts and images.")
        return redirect(url_for("lists.index"))
    add_error(form.password, "Incorrect password.")
    return account_page(delete_form=form)


@auth.app_errorhandler(TooManyLogins)
def show_wait(problem: TooManyLogins) -> Response:
    """Tell how long to wait, on the form of a login."""
    response = form_page("login.html", problem.status, form=LoginForm(), message=problem.detail)
    response.headers.extend(problem.headers)
    return response


def _register(form: RegisterForm) -> bool:
    username = form.username.data or ""
    try:
        current_blog().accounts.register(username, form.password.data or "")
    except UsernameTaken:
        add_error(form.username, f"User {username} is already registered.")
        return False
    return True


def _log_in(form: LoginForm) -> str | None:
    return current_blog().accounts.log_in(
        form.username.data or "", form.password.data or "", request.remote_addr
    )
