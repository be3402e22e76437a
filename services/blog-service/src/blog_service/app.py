"""The application: its parts put together."""

import hashlib
from importlib.resources import files

from blog_service.accounts.routes import auth
from blog_service.accounts.token_routes import tokens
from blog_service.api.document import document
from blog_service.api.routes import api
from blog_service.archive import MAX_PACKED
from blog_service.blog import Clock, build_blog, utc_now
from blog_service.comments.routes import comments
from blog_service.front_page import install_front_page
from blog_service.guard import install_guard
from blog_service.images.routes import MAX_UPLOAD, images
from blog_service.links import install_links
from blog_service.memory import save_memory
from blog_service.pages import error_page, install_pages
from blog_service.posts.feeds import feeds
from blog_service.posts.html import RENDERER
from blog_service.posts.lists import lists
from blog_service.posts.revisions import revisions
from blog_service.posts.routes import posts
from blog_service.posts.transfer import transfer
from blog_service.sessions import COOKIE, BlogSessions
from blog_service.settings import Settings
from blog_service.tables import MIGRATION
from chassis.flask import App
from chassis.flask import create_app as create_flask_app
from chassis.sql import check_migration, create_engine

# A post of 1 MiB in the worst form encoding: a line end is sent as six bytes.
_MAX_BODY = 7 << 20
_MAX_IMPORT = MAX_PACKED + (1 << 20)
_FORM = 64 << 10
_YEAR = 365 * 24 * 3600


def create_app(settings: Settings, *, now: Clock = utc_now) -> App:
    """Make the blog."""
    save_memory()
    app = create_flask_app(
        settings,
        name="blog-service",
        import_name="blog_service",
        max_body=_MAX_BODY,
        body_limits={"/account/import": _MAX_IMPORT, "/images": MAX_UPLOAD + _FORM},
        error_page=error_page,
    )
    engine = create_engine(app.chassis, settings.database.render_as_string(hide_password=False))
    app.chassis.health.add("database", lambda: check_migration(engine, MIGRATION))
    app.extensions["blog_engine"] = engine
    app.extensions["blog"] = build_blog(app.chassis, settings, engine, now)
    version = settings.app_version or app.chassis.version
    _configure(app, settings, version)
    install_front_page(app, app.extensions["blog"])
    install_guard(app)
    install_pages(app)
    install_links(app)
    for blueprint in (
        auth,
        lists,
        posts,
        revisions,
        comments,
        images,
        tokens,
        transfer,
        feeds,
        api,
        document,
    ):
        app.register_blueprint(blueprint)
    return app


def _digest(folder: str) -> str:
    members = sorted((files("blog_service") / folder).iterdir(), key=lambda file: file.name)
    return hashlib.sha256(b"".join(file.read_bytes() for file in members)).hexdigest()[:12]


def _configure(app: App, settings: Settings, version: str) -> None:
    style, templates = _digest("static"), _digest("templates")
    app.config.update(
        SECRET_KEY=settings.flask_app_secret_key.get_secret_value(),
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        SEND_FILE_MAX_AGE_DEFAULT=_YEAR,
        MAX_FORM_MEMORY_SIZE=_MAX_BODY,
        # The token lives as long as the session; https needs no Referer, which readers may withhold.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        LOOK=(version, style, templates, RENDERER),
    )
    app.url_map.merge_slashes = False
    app.session_interface = BlogSessions()
    app.jinja_env.globals.update(
        app_version=version, style_version=style, password_min_length=settings.password_min_length
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
