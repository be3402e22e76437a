"""AWS Signature Version 4 for requests to S3, as all stores that speak its language check it.

The specification is "Authenticating Requests: Using the Authorization Header" of the S3 API reference.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """Who signs, and where."""

    key_id: str
    secret: str
    region: str


def sign(
    method: str, path: str, headers: Mapping[str, str], content: bytes, who: Credentials, now: datetime
) -> dict[str, str]:
    """Return the headers of a request with its signature.

    Arguments:
        method: of the request.
        path: not escaped.
        headers: to send, `host` among them, with names in lower case.
        content: the body.
        who: signs.
        now: the time in UTC.
    """
    digest, moment = hashlib.sha256(content).hexdigest(), f"{now:%Y%m%dT%H%M%SZ}"
    signed = {**headers, "x-amz-content-sha256": digest, "x-amz-date": moment}
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name].strip()}\n" for name in sorted(signed))
    request = f"{method}\n{quote(path)}\n\n{lines}\n{names}\n{digest}"
    scope = f"{moment[:8]}/{who.region}/s3/aws4_request"
    text = f"{_ALGORITHM}\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(_key(who, moment[:8]), text.encode(), hashlib.sha256).hexdigest()
    authorization = (
        f"{_ALGORITHM} Credential={who.key_id}/{scope},SignedHeaders={names},Signature={signature}"
    )
    return {**signed, "authorization": authorization}


def _key(who: Credentials, day: str) -> bytes:
    key = f"AWS4{who.secret}".encode()
    for part in (day, who.region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
