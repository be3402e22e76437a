"""Examples for the API's document: one post, handed in and as it is stored."""

from typing import Any, Final

POST_IN: Final[dict[str, Any]] = {
    "title": "A moth in the relay",
    "body": "The **first** bug was a moth.",
    "tags": ["history"],
    "status": "published",
    "publish_at": "2026-11-21T15:46:00Z",
}
POST_OUT: Final[dict[str, Any]] = {
    "id": 17,
    "slug": "a-moth-in-the-relay",
    **POST_IN,
    "html": "<p>The <strong>first</strong> bug was a moth.</p>\n",
    "author": "Grace",
    "created_at": "2026-11-21T15:40:12.000501Z",
    "updated_at": "2026-11-21T15:44:03.120000Z",
}
CURSOR: Final = "2026-11-20T09:00:00.000000Z_7"
POST_LIST: Final[dict[str, Any]] = {"items": [POST_OUT], "next": CURSOR}
ENTITY_TAG: Final = '"6d1f0b2c9e5a47d3a1b8c0ffee123456"'
