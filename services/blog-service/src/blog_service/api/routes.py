"""The addresses of the API."""

from flask import Blueprint, Response, request, url_for
from pydantic import BaseModel

from blog_service.api.requests import read_body, require_token_user, token_user
from blog_service.api.schemas import PostIn, PostList, PostOut
from blog_service.blog import current_blog
from blog_service.errors import PostChanged
from blog_service.posts.model import Cursor, Post
from blog_service.posts.tags import normal_tag
from chassis import etag_of, match, none_match

API = "api"
api = Blueprint(API, __name__, url_prefix="/api/v1/posts")

_ID = "/<int(max=2147483647):post_id>"


@api.get("")
def list_posts() -> Response:
    """List the posts that everybody may see, newest first."""
    token_user()
    before, tag = request.args.get("before"), normal_tag(request.args.get("tag", ""))
    cursor = Cursor.parse(before) if before else None
    posts = current_blog().posts
    found, after = posts.newest_whole(cursor, "tag", tag=tag) if tag else posts.newest_whole(cursor)
    items = [_described(post) for post in found]
    return _answer(PostList(items=items, next=str(after) if after else None), vary=False)


@api.post("")
def create_post() -> Response:
    """Store a new post."""
    author = require_token_user()
    post = current_blog().posts.create(author, read_body(PostIn).writing())
    response = _answer(_described(post), 201)
    response.headers["Location"] = url_for("api.get_post", post_id=post.id)
    return response


@api.get(_ID)
def get_post(post_id: int) -> Response:
    """Read a post; one's own also while it is hidden."""
    return _answer(_described(current_blog().posts.get(post_id, token_user())))


@api.put(_ID)
def replace_post(post_id: int) -> Response:
    """Store an edit; with `If-Match`, only of the post that was read."""
    posts = current_blog().posts
    post = posts.get_own(post_id, require_token_user())
    writing = read_body(PostIn).writing()
    _check_unchanged(post)
    return _answer(_described(posts.update(post, post.version, writing)))


@api.delete(_ID)
def delete_post(post_id: int) -> Response:
    """Delete a post for good."""
    posts = current_blog().posts
    post = posts.get_own(post_id, require_token_user())
    _check_unchanged(post)
    posts.delete(post)
    return Response(status=204)


def _described(post: Post) -> PostOut:
    return PostOut.of(post, request.script_root)


def _check_unchanged(post: Post) -> None:
    if not match(request.headers.get("If-Match"), _etag(_described(post))):
        raise PostChanged("The post was changed since you read it.")


def _etag(model: BaseModel) -> str:
    return etag_of(model.model_dump_json().encode())


def _answer(model: BaseModel, status: int = 200, *, vary: bool = True) -> Response:
    """Give JSON with an entity tag; what depends on a token is not for a shared cache."""
    etag = _etag(model)
    if request.method in ("GET", "HEAD") and none_match(request.headers.get("If-None-Match"), etag):
        response = Response(status=304)
    else:
        response = Response(model.model_dump_json(), status, content_type="application/json")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache" if vary else "no-cache"
    response.vary.add("Authorization")
    return response
