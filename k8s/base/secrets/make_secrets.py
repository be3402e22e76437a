"""Make the Secrets that are not there yet; one that is there stays as it is."""

import base64
import hashlib
import json
import secrets
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
API = "https://kubernetes.default.svc"
# Nobody can be the default user; Redis itself is, when it reads its append-only file at the start.
USERS = """\
user default off ~* &* +@all
user probe on nopass -@all +ping
user ip on #{hash} ~{{ip}}* -@all +@read +@write +@scripting +@transaction +@connection +time -@dangerous
"""
SECONDS = 60


def new_secrets() -> dict[str, dict[str, str]]:
    """All of them, by name and key."""
    redis = secrets.token_urlsafe(32)
    return {
        # One Secret, so that password and hash fit; each pod mounts only its own part.
        "ip-service": {
            "redis-password": redis,
            "users.acl": USERS.format(hash=hashlib.sha256(redis.encode()).hexdigest()),
            "admin-token": secrets.token_urlsafe(32),
        },
        "mysql": {"root-password": secrets.token_urlsafe(32)},
        "blog-service": {
            "database-password": secrets.token_urlsafe(32),
            "flask-key": secrets.token_urlsafe(32),
        },
        "blog-migration": {"database-password": secrets.token_urlsafe(32)},
        "config-service": {"database-password": secrets.token_urlsafe(32)},
        "config-migration": {"database-password": secrets.token_urlsafe(32)},
    }


def create(name: str, values: dict[str, str], labels: dict[str, str]) -> bool:
    """Create a Secret; False when there is one of this name."""
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    document = {"metadata": {"name": name, "labels": labels}, "type": "Opaque", "data": data}
    namespace = (ACCOUNT / "namespace").read_text(encoding="ascii")
    request = urllib.request.Request(  # noqa: S310 - the API server
        f"{API}/api/v1/namespaces/{namespace}/secrets",
        json.dumps(document).encode(),
        {"Authorization": f"Bearer {(ACCOUNT / 'token').read_text()}", "Content-Type": "application/json"},
    )
    context = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    try:
        urllib.request.urlopen(request, timeout=10, context=context).close()  # noqa: S310
    except urllib.error.HTTPError as exc:
        if exc.code != 409:
            raise
        return False
    return True


def create_patiently(name: str, values: dict[str, str], labels: dict[str, str]) -> bool:
    """The same, again and again while the API server cannot be reached."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return create(name, values, labels)
        except urllib.error.HTTPError as exc:
            sys.exit(f"{name}: {exc}")
        except OSError as exc:
            if time.monotonic() > deadline:
                sys.exit(f"{name}: {exc}")
            time.sleep(0.5)


def main() -> None:
    """Make them all, and say which were made."""
    labels = {"app.kubernetes.io/part-of": "quintet"}
    for name, values in new_secrets().items():
        made = create_patiently(name, values, labels)
        sys.stdout.write(f"{name}: {'made' if made else 'is there'}\n")


if __name__ == "__main__":
    main()
