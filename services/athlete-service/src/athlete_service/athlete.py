"""The athlete, as the answer that names it."""

from starlette.responses import Response

from chassis import dump_json, etag_of, none_match


class Athlete:
    """Keeps the answer ready, and makes it anew when the athlete changes.

    Args:
        name: of the athlete.
        cache_control: how long clients may keep the answer.
    """

    def __init__(self, name: str, cache_control: str) -> None:
        self._cache_control = cache_control
        self.rename(name)

    def rename(self, name: str) -> None:
        """Name another athlete."""
        body = dump_json({"myFavoriteAthlete": name})
        self._etag = etag_of(body)
        headers = {"ETag": self._etag, "Cache-Control": self._cache_control}
        self._found = Response(body, headers=headers, media_type="application/json")
        self._not_modified = Response(status_code=304, headers=headers)

    def response(self, if_none_match: str | None) -> Response:
        """Answer a client that may have a copy."""
        return self._not_modified if none_match(if_none_match, self._etag) else self._found
