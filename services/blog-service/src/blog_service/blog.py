"""The parts of a running blog, made once and found from any view."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app
from sqlalchemy import Engine

from blog_service.accounts.service import Accounts
from blog_service.accounts.store import AccountStore
from blog_service.accounts.throttle import LoginThrottle
from blog_service.accounts.tokens import Tokens
from blog_service.comments.service import Comments
from blog_service.comments.store import CommentStore
from blog_service.database import Database
from blog_service.images.service import Images
from blog_service.images.storage import open_files
from blog_service.images.store import ImageStore
from blog_service.kept_pages import KeptPages
from blog_service.posts.finder import Finder
from blog_service.posts.history import History
from blog_service.posts.service import Posts
from blog_service.posts.store import PostStore
from blog_service.settings import Settings
from chassis import Chassis

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Blog:
    """What the views call."""

    settings: Settings
    accounts: Accounts
    posts: Posts
    comments: Comments
    images: Images
    tokens: Tokens
    kept_pages: KeptPages


def utc_now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def build_blog(chassis: Chassis, settings: Settings, engine: Engine, now: Clock) -> Blog:
    """Put the parts together."""
    database = Database(chassis, engine)
    images = Images(ImageStore(database), open_files(chassis, settings, database), now)
    return Blog(
        settings,
        Accounts(AccountStore(database), LoginThrottle(database), now, forget=images.delete_all),
        Posts(PostStore(database), Finder(database), History(database), now),
        Comments(CommentStore(database), now, enabled=settings.blog_comments == "on"),
        images,
        Tokens(database, now),
        KeptPages(),
    )


def current_blog() -> Blog:
    """Return the blog of the running app."""
    blog: Blog = current_app.extensions["blog"]
    return blog
