"""The forms of accounts."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import ValidationError

from blog_service.accounts.names import username_fault
from blog_service.blog import current_blog
from blog_service.forms import PageForm

MAX_PASSWORD_LENGTH = 1024
MAX_TOKEN_NAME_LENGTH = 64


def check_new_password(_form: PageForm, field: PasswordField) -> None:
    """Refuse an empty, short or endless password."""
    least = current_blog().settings.password_min_length
    if not field.data:
        raise ValidationError("Password is required.")
    if len(field.data) < least:
        raise ValidationError(f"Password must have at least {least} characters.")
    if len(field.data) > MAX_PASSWORD_LENGTH:
        raise ValidationError(f"Password must have at most {MAX_PASSWORD_LENGTH} characters.")


class RegisterForm(PageForm):
    """A new account."""

    username = StringField("Username", default="")
    password = PasswordField("Password", [check_new_password], default="")

    def validate_username(self, field: StringField) -> None:
        """Apply the rules of names."""
        if fault := username_fault(field.data or ""):
            raise ValidationError(fault)


class LoginForm(PageForm):
    """A login; what is wrong with it is not told by field."""

    username = StringField("Username", default="")
    password = PasswordField("Password", default="")
    next = HiddenField(default="")


class PasswordForm(PageForm):
    """A change of password."""

    current_password = PasswordField("Current password", default="")
    new_password = PasswordField("New password", [check_new_password], default="")


class DeleteForm(PageForm):
    """The end of an account."""

    password = PasswordField("Password", default="")


class TokenForm(PageForm):
    """A new token."""

    name = StringField("Name of the token", filters=[lambda text: (text or "").strip()])

    def validate_name(self, field: StringField) -> None:
        """Check the length, and what a line cannot hold."""
        name = field.data or ""
        if not name:
            raise ValidationError("Name is required.")
        if len(name) > MAX_TOKEN_NAME_LENGTH:
            raise ValidationError(f"Name must have at most {MAX_TOKEN_NAME_LENGTH} characters.")
        if not name.isprintable():
            raise ValidationError("Name must not contain control characters.")
