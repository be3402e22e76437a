"""The form that a post is written in."""

from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import ValidationError

from blog_service.forms import PageForm, one_line_end
from blog_service.posts.model import Post, Writing
from blog_service.posts.tags import parse_tags
from blog_service.posts.visibility import DRAFT, PUBLISHED
from blog_service.posts.writing import body_fault, parse_moment, title_fault


class PostForm(PageForm):
    """Title, body and what goes with them."""

    title = StringField("Title", filters=[lambda text: (text or "").strip()])
    body = TextAreaField("Body", filters=[one_line_end])
    tags = StringField("Tags", default="")
    status = RadioField(
        "Status",
        choices=[SelectChoice(PUBLISHED, "Publish"), SelectChoice(DRAFT, "Keep as a draft")],
        default=PUBLISHED,
    )
    publish_at = StringField("Publish at", filters=[lambda text: (text or "").strip()])
    version = HiddenField(default="")

    def validate_title(self, field: StringField) -> None:
        """Apply the rules of titles."""
        if fault := title_fault(field.data or ""):
            raise ValidationError(fault)

    def validate_body(self, field: TextAreaField) -> None:
        """Apply the rules of bodies."""
        if fault := body_fault(field.data or ""):
            raise ValidationError(fault)

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
        except ValueError as exc:
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
