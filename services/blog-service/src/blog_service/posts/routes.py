"""The pages of posts."""

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from blog_service.blog import current_blog
from blog_service.errors import EditConflict, UnfitText
from blog_service.forms import one_line_end
from blog_service.guard import login_required
from blog_service.pages import form_page
from blog_service.posts.forms import PostForm
from blog_service.posts.html import place_images, render_markdown
from blog_service.posts.model import Post
from blog_service.posts.pages import show_post
from blog_service.posts.writing import body_fault
from blog_service.sessions import current_user, require_user

posts = Blueprint("posts", __name__)

_ID = "/<int(max=2147483647):post_id>"


@posts.get("/hello")
def hello() -> Response:
    """Say hello."""
    return Response("Hello, World!", mimetype="text/plain")


@posts.get("/posts/<slug>")
def show(slug: str) -> WerkzeugResponse:
    """Show a post."""
    post = current_blog().posts.read(slug, current_user())
    if post.slug != slug:
        return redirect(url_for("posts.show", slug=post.slug), 301)
    return show_post(post)


@posts.get(_ID)
def show_by_id(post_id: int) -> WerkzeugResponse:
    """Lead from a post's lasting number to its page."""
    post = current_blog().posts.get(post_id, current_user())
    return redirect(url_for("posts.show", slug=post.slug))


@posts.post("/preview")
@login_required
def preview() -> Response:
    """Render a text as it would be shown, storing nothing."""
    body = one_line_end(request.form.get("body"))
    if fault := body_fault(body):
        raise UnfitText(fault)
    html = place_images(render_markdown(body), request.script_root)
    response = Response(html, mimetype="text/html")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@posts.route("/create", methods=["GET", "POST"])
@login_required
def create() -> WerkzeugResponse:
    """Write a post."""
    form = PostForm()
    if form.submitted_well():
        current_blog().posts.create(require_user(), form.writing())
        return redirect(url_for("lists.index"))
    return form_page("write.html", form=form, post=None)


@posts.route(f"{_ID}/update", methods=["GET", "POST"])
@login_required
def update(post_id: int) -> WerkzeugResponse:
    """Change a post."""
    blog, form = current_blog(), PostForm()
    post = blog.posts.get_own(post_id, require_user())
    if not form.submitted:
        form.fill(post, hidden=blog.posts.is_hidden(post))
    elif form.validate():
        try:
            blog.posts.update(post, form.version_read(), form.writing())
        except EditConflict:
            return _conflict_page(form, post_id)
        return redirect(url_for("lists.index"))
    return form_page("write.html", form=form, post=post)


@posts.post(f"{_ID}/delete")
@login_required
def delete(post_id: int) -> WerkzeugResponse:
    """Delete a post."""
    blog = current_blog().posts
    blog.delete(blog.get_own(post_id, require_user()))
    return redirect(url_for("lists.index"))


def _conflict_page(form: PostForm, post_id: int) -> Response:
    """Show both texts; storing again is then a decision."""
    stored: Post = current_blog().posts.get_own(post_id, require_user())
    form.version.data = str(stored.version)
    return form_page("conflict.html", 409, form=form, post=stored)
