"""An OTLP/HTTP receiver that costs next to nothing: counts requests and bytes, answers 200."""

import asyncio
import re
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read requests until the connection ends."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            found = LENGTH.search(head)
            await reader.readexactly(int(found[1]) if found else 0)
            writer.write(ANSWER)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main(port: int) -> None:
    """Serve on loopback."""
    server = await asyncio.start_server(receive, "127.0.0.1", port, limit=1 << 24)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1])))
