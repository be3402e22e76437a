"""What the gateway answers by itself."""

import base64
import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """An error of the gateway's own."""

    status: int
    title: str
    detail: str


ANSWERS = (
    Answer(400, "Bad Request", "The request is malformed."),
    Answer(404, "Not Found", "There is nothing at this address."),
    Answer(405, "Method Not Allowed", "This method is not accepted here."),
    Answer(412, "Precondition Failed", "A condition in the request headers does not hold."),
    Answer(413, "Content Too Large", "The body is larger than this address accepts."),
    Answer(414, "URI Too Long", "The address is longer than the gateway accepts."),
    Answer(429, "Too Many Requests", "Too many requests at once from one address."),
    Answer(
        431, "Request Header Fields Too Large", "The request headers are larger than the gateway accepts."
    ),
    Answer(500, "Internal Server Error", "The gateway failed to handle the request."),
    Answer(501, "Not Implemented", "The request needs something that the gateway does not do."),
    Answer(502, "Bad Gateway", "The service cannot be reached just now, or did not answer properly."),
    Answer(503, "Service Unavailable", "The service cannot be used just now."),
    Answer(504, "Gateway Timeout", "The service did not answer in time."),
    Answer(505, "HTTP Version Not Supported", "This version of HTTP is not supported."),
)

# nginx's own codes, and those that would say too much, become others.
REPLACED = {403: 404, 494: 431, 495: 400, 496: 400, 497: 400}
RETRIABLE = (429, 502, 503, 504)

STYLE = (
    ":root{color-scheme:light dark}"
    "body{max-width:42rem;margin:3rem auto;padding:0 1rem;line-height:1.5;"
    "font-family:system-ui,sans-serif;overflow-wrap:anywhere}"
    "h1{font-size:1.6rem;line-height:1.2}code{font-family:ui-monospace,monospace}.aside{font-size:.875rem}"
)
STYLE_SOURCE = f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
