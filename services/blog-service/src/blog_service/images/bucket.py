"""Images in a bucket of S3, or of a store that speaks its language."""

from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from blog_service.images.files import UNAVAILABLE
from blog_service.images.signature import Credentials, sign
from blog_service.settings import Settings
from chassis import Call, Chassis, StoreUnavailable, get_logger

_CONNECTIONS = 4
_TIMEOUT = Timeout(connect=1.0, read=5.0, total=8.0)
_FOUND = {"PUT": (200, 201), "GET": (200, 404), "DELETE": (200, 204, 404)}

log = get_logger(__name__)


class BucketFiles:
    """Files in a bucket, which needs no listing and no public reading.

    Arguments:
        chassis: of the service.
        address: of the store with the bucket, such as `https://s3.eu-central-1.amazonaws.com/bucket/folder`.
        credentials: may read, write and delete there.
    """

    def __init__(self, chassis: Chassis, address: str, credentials: Credentials) -> None:
        parts = urlsplit(address)
        self._chassis, self._credentials = chassis, credentials
        self._origin, self._folder = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
        self._host = parts.netloc
        self._pool = urllib3.PoolManager(maxsize=_CONNECTIONS, timeout=_TIMEOUT, retries=False)

    def put(self, name: str, content: bytes) -> None:
        """Store a file."""
        self._ask("PUT", name, content)

    def get(self, name: str) -> bytes | None:
        """Read a file."""
        answer = self._ask("GET", name)
        return None if answer.status == 404 else answer.data

    def delete(self, name: str) -> None:
        """Delete a file."""
        self._ask("DELETE", name)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _ask(self, method: str, name: str, content: bytes = b"") -> urllib3.BaseHTTPResponse:
        path = f"{self._folder}/{name}"
        headers = sign(method, path, {"host": self._host}, content, self._credentials, datetime.now(UTC))
        with Call(self._chassis, "s3", method, {"server.address": self._host}) as call:
            try:
                answer = self._pool.request(
                    method, self._origin + quote(path), body=content or None, headers=headers, redirect=False
                )
            except HTTPError as exc:
                raise StoreUnavailable(UNAVAILABLE) from exc
            call.outcome = str(answer.status)
            if answer.status not in _FOUND[method]:
                log.warning("bucket_refused", method=method, status=answer.status)
                raise StoreUnavailable(UNAVAILABLE)
        return answer


def open_bucket(chassis: Chassis, settings: Settings) -> BucketFiles:
    """Open the bucket that the settings name."""
    secret = settings.s3_secret_access_key
    assert secret is not None  # noqa: S101 - checked with the settings
    endpoint = settings.s3_endpoint or f"https://s3.{settings.s3_region}.amazonaws.com"
    place = (settings.blog_images or "").removeprefix("s3://")
    credentials = Credentials(settings.s3_access_key_id or "", secret.get_secret_value(), settings.s3_region)
    return BucketFiles(chassis, f"{endpoint.rstrip('/')}/{place}", credentials)
