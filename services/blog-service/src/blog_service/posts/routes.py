"""The pages of posts."""

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from blog_service.accounts.store import User
from blog_service.blog import current_blog
from blog_service.errors import EditConflict
from blog_service.guard import login_required
from blog_service.pages import form_page, page
from blog_service.posts.forms import PostForm
from blog_service.posts.listing import Scope
from blog_service.posts.model import Cursor, Post
from blog_service.posts.tags import normal_tag
from blog_service.sessions import current_user

posts = Blueprint("posts", __name__)

_ID = "/<int(max=2147483647):post_id>"


@posts.get("/")
def index() -> Response:
    """List the posts, newest first."""
    return _list_page("index.html")


@posts.get("/tags/<tag>")
def by_tag(tag: str) -> WerkzeugResponse:
    """List the posts with a tag."""
    normal = normal_tag(tag)
    if normal != tag and normal:
        return redirect(url_for("posts.by_tag", tag=normal), 301)
    return _list_page("tag.html", "tag", tag=normal)


@posts.get("/authors/<path:username>")
def by_author(username: str) -> Response:
    """List one author's posts."""
    author = current_blog().accounts.author(username)
    return _list_page("author.html", "author", author_id=author.id, author=author)


@posts.get("/hello")
def hello() -> Response:
    """Say hello."""
    return Response("Hello, World!", mimetype="text/plain")


@posts.get("/posts/<slug>")
def show(slug: str) -> WerkzeugResponse:
    """Show a post."""
    blog = current_blog()
    post = blog.posts.read(slug, current_user())
    if post.slug != slug:
        return redirect(url_for("posts.show", slug=post.slug), 301)
    return page("post.html", post.id, post.version, post=post, hidden=blog.posts.is_hidden(post))


@posts.get(_ID)
def show_by_id(post_id: int) -> WerkzeugResponse:
    """Lead from a post's lasting number to its page."""
    post = current_blog().posts.get(post_id, current_user())
    return redirect(url_for("posts.show", slug=post.slug))


@posts.route("/create", methods=["GET", "POST"])
@login_required
def create() -> WerkzeugResponse:
    """Write a post."""
    form = PostForm()
    if form.submitted_well():
        current_blog().posts.create(_user(), form.writing())
        return redirect(url_for("posts.index"))
    return form_page("write.html", form=form, post=None)


@posts.route(f"{_ID}/update", methods=["GET", "POST"])
@login_required
def update(post_id: int) -> WerkzeugResponse:
    """Change a post."""
    blog, form = current_blog(), PostForm()
    post = blog.posts.get_own(post_id, _user())
    if not form.submitted:
        form.fill(post, hidden=blog.posts.is_hidden(post))
    elif form.validate():
        try:
            blog.posts.update(post, form.version_read(), form.writing())
        except EditConflict:
            return _conflict_page(form, post_id)
        return redirect(url_for("posts.index"))
    return form_page("write.html", form=form, post=post)


@posts.post(f"{_ID}/delete")
@login_required
def delete(post_id: int) -> WerkzeugResponse:
    """Delete a post."""
    blog = current_blog().posts
    blog.delete(blog.get_own(post_id, _user()))
    return redirect(url_for("posts.index"))


def _list_page(template: str, scope: Scope = "all", **context: object) -> Response:
    before = request.args.get("before")
    cursor = Cursor.parse(before) if before else None
    bound = {name: context[name] for name in ("tag", "author_id") if name in context}
    part = current_blog().posts.newest(cursor, scope, **bound)
    key = [(post.id, post.version) for post in part.items]
    return page(template, key, part.next, posts=part.items, next=part.next, cursor=cursor, **context)


def _conflict_page(form: PostForm, post_id: int) -> Response:
    """Show both texts; storing again is then a decision."""
    stored: Post = current_blog().posts.get_own(post_id, _user())
    form.version.data = str(stored.version)
    return form_page("conflict.html", 409, form=form, post=stored)


def _user() -> User:
    user = current_user()
    assert user is not None  # noqa: S101 - the guard let nobody else through
    return user
