"""What the API's document says of answers: their bodies, headers and examples."""

from typing import Any, Final

from pydantic import BaseModel

from blog_service.api.examples import ENTITY_TAG, POST_IN, POST_LIST, POST_OUT
from blog_service.api.schemas import PostIn, PostList, PostOut
from chassis.openapi import IDENTITY_HEADERS, problem_responses

REFERENCE: Final = "#/components/schemas/{model}"
_EXAMPLES: dict[type[BaseModel], dict[str, Any]] = {PostIn: POST_IN, PostOut: POST_OUT, PostList: POST_LIST}
_PROBLEMS = {
    400: "The body or the query cannot be read.",
    401: "No token, or none that is good.",
    403: "The post is somebody else's.",
    404: "There is no such post, or not for you.",
    409: "The post was changed at the same moment.",
    412: "The post is not the one that was read.",
    413: "The body is too large.",
    415: "The body is no application/json.",
    422: "The body breaks the schema; `errors` says where.",
    503: "The database does not answer.",
}
_DESCRIBED = {
    "ETag": ("Changes with what is answered.", ENTITY_TAG),
    "Location": ("Where the post is.", "/api/v1/posts/17"),
    "Cache-Control": ("Who may keep the answer: nobody without asking again.", "private, no-cache"),
    "Vary": ("What else the answer depends on.", "Authorization"),
}
KEPT = ("ETag", "Cache-Control", "Vary")
_OWN_HEADERS = {
    415: {"Accept-Post": {"description": "What to POST.", "schema": {"type": "string"}}},
}
HEADERS: Final = {
    name: {"description": description, "required": True, "schema": {"type": "string"}, "example": example}
    for name, (description, example) in _DESCRIBED.items()
}


def answer(description: str, model: type[BaseModel], *headers: str) -> dict[str, Any]:
    """Describe an answer with a body."""
    return {"description": description, "headers": names(*KEPT, *headers), "content": content(model)}


def problem(status: int) -> dict[str, Any]:
    """Describe a problem."""
    described = problem_responses(status)[status]
    headers = {**described.get("headers", {}), **_OWN_HEADERS.get(status, {}), **names()}
    return {**described, "description": _PROBLEMS[status], "headers": headers}


def content(model: type[BaseModel]) -> dict[str, Any]:
    """Describe a body."""
    schema = {"$ref": REFERENCE.format(model=model.__name__)}
    return {"application/json": {"schema": schema, "example": _EXAMPLES[model]}}


def names(*own: str) -> dict[str, Any]:
    """Name the headers of an answer, besides those that all have."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*IDENTITY_HEADERS, *own)}
