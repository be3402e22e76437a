"""Where to go after a login: a page of this site, nowhere else."""

import re

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

# One slash, then no other: `//host` and `/\host` are another site to a browser, which also drops
# tabs and line ends before it looks.
_LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,2000}")


def safe_next(target: str | None) -> str | None:
    """Return the path to go to, with the site's prefix, or None if it is not one of this site."""
    if target is None or not _LOCAL_PATH.fullmatch(target):
        return None
    root = request.script_root
    path = target if not root or target == root or target.startswith(f"{root}/") else f"{root}{target}"
    return None if path.startswith(f"{root}/auth/") else path


def redirect_to_login() -> Response:
    """Ask for a login, and remember the page."""
    return redirect(url_for("auth.login", next=_page_asked_for()))


def _page_asked_for() -> str | None:
    rule = request.url_rule
    if rule is None or "GET" not in (rule.methods or ()):
        return None
    query = request.query_string.decode("ascii", "replace")
    return safe_next(f"{request.script_root}{request.path}" + (f"?{query}" if query else ""))
