"""An upstream that says what it received. Run: `python echo.py NAME SOCKET_FD…`."""

import asyncio
import json
import os
import socket
import sys
from urllib.parse import parse_qsl

import uvicorn

NAME, *DESCRIPTORS = sys.argv[1:]


async def app(scope, receive, send):
    query = parse_qsl(scope["query_string"].decode("latin-1"))
    match scope["path"]:
        case "/v1/ips/events":
            await stream(receive, send)
        case "/metrics":
            await answer(send, 200, [], b"internal")
        case "/reply":
            status = int(dict(query).get("status", 200))
            headers = [pair.split(":", 1) for key, pair in query if key == "header"]
            await answer(send, status, headers, b"the service's own body")
        case "/die" if dict(query)["name"] == NAME:
            os._exit(1)
        case _:
            await answer(send, 200, [("Content-Type", "application/json")], await describe(scope, receive))


async def describe(scope, receive):
    size, more = 0, scope["method"] != "GET"
    while more:
        message = await receive()
        size, more = size + len(message["body"]), message["more_body"]
    return json.dumps(
        {
            "name": NAME,
            "port": scope["server"][1],
            "peer": scope["client"],
            "method": scope["method"],
            "path": scope["raw_path"].decode("latin-1"),
            "query": scope["query_string"].decode("latin-1"),
            "headers": [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"]],
            "size": size,
        }
    ).encode()


async def answer(send, status, headers, body):
    encoded = [(name.encode(), value.encode()) for name, value in headers]
    encoded.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


async def stream(receive, send):
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"data: first\n\n", "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass


if __name__ == "__main__":
    sockets = [socket.socket(fileno=int(descriptor)) for descriptor in DESCRIPTORS]
    config = uvicorn.Config(app, log_level="critical", lifespan="off", proxy_headers=False)
    asyncio.run(uvicorn.Server(config).serve(sockets))
