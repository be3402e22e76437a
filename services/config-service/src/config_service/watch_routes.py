"""`/v1/watch`: changes as they happen."""

from typing import Annotated, Any

from fastapi import Header, Query, Request

from chassis.fastapi import EventStream, Router, problem_responses
from config_service.dependencies import check_access
from config_service.events import Place
from config_service.watch import Hub

router = Router(tags=["watch"])

PLACE = r"^([0-9]{1,15}(\.[0-9]{1,9})?)?$"

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `put` (the document), `delete` (its name and revision) and `reset`.",
        "content": {
            "text/event-stream": {"example": 'event: delete\ndata: {"name":"a","revision":7}\nid: 7\n\n'}
        },
    }
}


@router.get(
    "/v1/watch", status_code=200, response_class=EventStream, responses=problem_responses(422, 503) | STREAM
)
async def watch(
    request: Request,
    prefix: Annotated[str, Query(max_length=128)] = "",
    since: Annotated[str | None, Query(pattern=PLACE, examples=["7", "7.0"])] = None,
    last_event_id: Annotated[str | None, Header(pattern=PLACE)] = None,
) -> EventStream:
    """Follow the changes of documents as server-sent events, from now on or after a revision."""
    check_access(request, prefix)
    hub: Hub = request.state.hub
    given = last_event_id or since
    place = Place.parse(given) if given else None
    last = await hub.last()
    return EventStream(request.app.chassis, hub.follow(place or last, last, prefix))
