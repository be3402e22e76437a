"""Each service keeps what its OpenAPI document promises, whatever schemathesis sends it."""

import re
import secrets
import subprocess
from pathlib import Path

import httpx
import pytest

import gateway
from embedded.isolated import make_locked_environment
from embedded.settings import stack_environment

FOLDER = Path(__file__).parent
REPOSITORY = FOLDER.parents[1]
DOCUMENTED = [route.name for route in gateway.load_table().services if route.openapi]


@pytest.fixture
def token(unlimited_stack, request):
    """What the operations ask for that not everybody may do."""
    name = request.getfixturevalue("name")
    if name == "ip":
        return (unlimited_stack.folder / "secrets/admin-token").read_text().strip()
    return blog_token(unlimited_stack.url) if name == "blog" else None


def blog_token(url):
    """Register somebody, and make a token for them."""
    fields = {"username": f"Ada {secrets.token_hex(4)}", "password": secrets.token_urlsafe()}
    with httpx.Client(base_url=f"{url}/blog", trust_env=False) as client:
        send_form(client, "/auth/register", **fields)
        send_form(client, "/auth/login", **fields)
        page = send_form(client, "/account/tokens", name="A program")
    [token] = re.findall(r'<code class="secret"[^>]*>([^<]+)</code>', page)
    return token


def send_form(client, path, **fields):
    page = client.get("/auth/login").text
    [csrf] = set(re.findall(r'name="csrf_token" value="([^"]+)"', page))
    return client.post(path, data={**fields, "csrf_token": csrf}).text


@pytest.fixture(scope="session")
def schemathesis():
    """The program, in an environment of its own."""
    environment = make_locked_environment(REPOSITORY / ".cache/fuzz", FOLDER / "requirements.lock")
    return environment / "bin/schemathesis"


@pytest.mark.parametrize("name", DOCUMENTED)
def test_service_keeps_what_its_document_promises(unlimited_stack, schemathesis, name, token, tmp_path):
    command = [schemathesis, "--config-file", FOLDER / "schemathesis.toml", "run"]
    credentials = ["-H", f"Authorization: Bearer {token}"] if token else []
    done = subprocess.run(  # noqa: S603 - its own arguments
        [*command, "--no-color", *credentials, f"{unlimited_stack.url}/{name}/openapi.json"],
        cwd=tmp_path,
        env={**stack_environment(tmp_path), "PYTHONPATH": str(FOLDER)},  # where the hooks are
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
