"""Links to the blog's own pages: each is built once, as a list has many and they repeat."""

from functools import lru_cache
from typing import Any

from flask import Flask, request

_REMEMBERED = 4096


def install_links(app: Flask) -> None:
    """Give templates a quicker `url_for`; it depends on the endpoint, the values and the prefix only."""

    @lru_cache(_REMEMBERED)
    def build(prefix: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
        return app.url_map.bind("", prefix).build(endpoint, dict(values))

    def link(endpoint: str, **values: Any) -> str:
        if "_external" in values:
            return app.url_for(endpoint, **values)
        return build(request.script_root, endpoint, tuple(values.items()))

    app.jinja_env.globals["url_for"] = link
