"""The form that a post is written in."""

import unicodedata
from datetime import UTC, datetime

from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import ValidationError

from blog_service.forms import PageForm
from blog_service.posts.model import Post, Writing
from blog_service.posts.tags import parse_tags
from blog_service.posts.visibility import DRAFT, PUBLISHED

MAX_TITLE_LENGTH = 255
MAX_BODY_BYTES = 1 << 20
MAX_MOMENT_LENGTH = 40
_CONTROLS = frozenset(map(chr, [*range(0x20), 0x7F])) - {"\t", "\n"}


def _lines(text: str | None) -> str:
    """Browsers send CRLF; a text has one kind of line end."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


class PostForm(PageForm):
    """Title, body and what goes with them."""

    title = StringField("Title", filters=[lambda text: (text or "").strip()])
    body = TextAreaField("Body", filters=[_lines])
    tags = StringField("Tags", default="")
    status = RadioField(
        "Status",
        choices=[SelectChoice(PUBLISHED, "Publish"), SelectChoice(DRAFT, "Keep as a draft")],
        default=PUBLISHED,
    )
    publish_at = StringField("Publish at", filters=[lambda text: (text or "").strip()])
    version = HiddenField(default="")

    def validate_title(self, field: StringField) -> None:
        """Check the length and what a line cannot hold."""
        title = field.data or ""
        if not title:
            raise ValidationError("Title is required.")
        if len(title) > MAX_TITLE_LENGTH:
            raise ValidationError(f"Title must have at most {MAX_TITLE_LENGTH} characters.")
        if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in title):
            raise ValidationError("Title must not contain control characters.")

    def validate_body(self, field: TextAreaField) -> None:
        """Check the size, and what neither a page nor a feed can hold."""
        body = field.data or ""
        if len(body.encode()) > MAX_BODY_BYTES:
            raise ValidationError("Body must have at most 1 MiB.")
        if not _CONTROLS.isdisjoint(body):
            raise ValidationError("Body must not contain control characters.")

    def validate_tags(self, field: StringField) -> None:
        """Check each tag."""
        try:
            parse_tags(field.data or "")
        except ValueError as exc:
            raise ValidationError(str(exc)) from exc

    def validate_publish_at(self, field: StringField) -> None:
        """Check that it is a moment."""
        try:
            parse_moment(field.data or "")
        except (ValueError, OverflowError) as exc:
            raise ValidationError("Publish at must be a date and a time such as 2030-01-31T09:00.") from exc

    def writing(self) -> Writing:
        """Return what was written, of a form that is valid."""
        return Writing(
            self.title.data or "",
            self.body.data or "",
            parse_tags(self.tags.data or ""),
            self.status.data or PUBLISHED,
            parse_moment(self.publish_at.data or ""),
        )

    def fill(self, post: Post, *, hidden: bool) -> None:
        """Show a stored post; a time that has passed is kept by leaving the field empty."""
        self.title.data, self.body.data, self.tags.data = post.title, post.body, ", ".join(post.tags)
        self.status.data, self.version.data = post.status, str(post.version)
        scheduled = post.publish_at if hidden else None
        self.publish_at.data = f"{scheduled:%Y-%m-%dT%H:%M}" if scheduled else ""

    def version_read(self) -> int | None:
        """Return the version that the edit began at."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def parse_moment(text: str) -> datetime | None:
    """Read a date and time: RFC 3339, or as a browser's field sends it, in UTC.

    Raises:
        ValueError: it is no moment that the database can hold.
        OverflowError: its zone puts it there.
    """
    if not text:
        return None
    if len(text) > MAX_MOMENT_LENGTH:
        raise ValueError("too long")
    moment = datetime.fromisoformat(text)
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not 1000 < moment.year < 9999:
        raise ValueError("out of range")
    return moment
