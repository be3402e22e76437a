"""blog `GET /` with 20 posts against a bare Flask view with the same query and template.

`DATABASE_URL` names an empty database to use instead of a SQLite file.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from benchmarks.athlete import SAMPLED_5, service
from benchmarks.harness import FOLDER, Server, measure, otlp_receiver, report, serve
from chassis.testing import free_port

POSTS = 20
RENDERED, UNCHANGED = FOLDER / "blog_rendered.lua", FOLDER / "blog_unchanged.lua"


def run() -> None:
    """Measure and print."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = os.environ.get("DATABASE_URL", f"sqlite:///{folder / 'blog.sqlite'}")  # noqa: TID251 - see above
        env = {
            "DATABASE_URL": url,
            "FLASK_APP_SECRET_KEY": secrets.token_urlsafe(),
        }
        subprocess.run([sys.executable, "-m", "blog_service.migrate"], env=env, check=True)
        otlp = {"OTEL_EXPORTER_OTLP_ENDPOINT": stack.enter_context(otlp_receiver()), **env}
        every = stack.enter_context(service("blog, every trace", "blog_service", otlp))
        fill(every.url)
        bare = stack.enter_context(bare_view(env))
        sampled = stack.enter_context(service("blog, 5 % of traces", "blog_service", {**otlp, **SAMPLED_5}))
        tutorial = stack.enter_context(tutorial_view(env))
        compare(f"GET / with {POSTS} posts, rendered for each request", [bare, every, sampled], RENDERED)
        compare(f"GET / with {POSTS} posts", [bare, every, sampled])
        compare_unchanged(every)
        compare("GET / against the tutorial's way", [tutorial, every, sampled])


def compare(title: str, servers: list[Server], script: Path | None = None) -> None:
    """Measure the front page; the first server has another one."""
    for server in servers:
        server.samples.clear()
    measure(servers, "/", paths={servers[0].name: "/bare"}, script=script)
    report(f"blog: {title}", servers)


def compare_unchanged(server: Server) -> None:
    """Measure the answer 304 beside the page itself."""
    kinds = {"rendered, 200": RENDERED, "kept, 200": None, "nothing new, 304": UNCHANGED}
    answers = [Server(name, server.url, server.process, server.start_seconds) for name in kinds]
    for answer, script in zip(answers, kinds.values(), strict=True):
        measure([answer], "/", script=script)
    report("blog: the front page, new, unchanged, and known to the reader", answers)


def bare_view(env: dict[str, str]) -> contextlib.AbstractContextManager[Server]:
    """The view of `servers/blog.py`."""
    port = free_port()
    variables = {"SERVE_PORT": str(port), **env}
    return serve("bare Flask view", ["-m", "benchmarks.servers.blog"], variables, port)


def tutorial_view(env: dict[str, str]) -> contextlib.AbstractContextManager[Server]:
    """The view of `servers/tutorial.py`."""
    port = free_port()
    variables = {"SERVE_PORT": str(port), **env}
    return serve("the tutorial's way", ["-m", "benchmarks.servers.tutorial"], variables, port)


def fill(url: str) -> None:
    """Register an author, and publish the posts."""
    with httpx.Client(base_url=url, follow_redirects=True) as client:
        account = {"username": "author", "password": secrets.token_urlsafe()}
        _send(client, "/auth/register", account)
        _send(client, "/auth/login", account)
        for number in range(POSTS):
            title = f"Post number {number}"
            _send(client, "/create", {"title": title, "body": f"{title}. " * 30, "status": "published"})


def _send(client: httpx.Client, path: str, form: dict[str, str]) -> None:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert token is not None
    client.post(path, data={**form, "csrf_token": token[1]}).raise_for_status()
