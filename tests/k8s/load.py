"""Call every service through one way in, with a few clients at once, and account for each answer.

One argument, JSON: address and port, host, number of clients, pause between requests in seconds, least number
of requests, pages. It ends when so many were made and SIGTERM came; SIGUSR1 slows it down. Each line that it
prints is an account, the last is that of the whole.
"""

import asyncio
import json
import secrets
import signal
import sys
import time
from collections import Counter

ANSWER_SECONDS = 20
PAGES = {
    "athlete": ("GET", "/athlete/", None),
    "blog": ("GET", "/blog/", None),
    "config": ("GET", "/config/configs/datacenter-1", None),
    "ip": ("GET", "/ip/get-ip", None),
    "shout": ("POST", "/shout/v1", {"data": "hello"}),
}


class HungUpError(Exception):
    """A connection that was in use before was closed without a byte of an answer."""


class Connection:
    """One connection at a time, opened when it is needed."""

    def __init__(self, address, host):
        self._address, self._host = address, host
        self._streams = None

    async def call(self, method, path, body):
        """Send a request, again by a new connection if a used one was closed (RFC 9112 §9.3.1).

        That is allowed as all of them may be made twice: a shout leaves nothing behind.
        """
        try:
            return await self._exchange(method, path, body), False
        except HungUpError:
            return await self._exchange(method, path, body), True

    async def _exchange(self, method, path, body):
        if self._streams and self._streams[0].at_eof():
            self.close()
        is_used = self._streams is not None
        if not is_used:
            self._streams = await asyncio.open_connection(*self._address)
        reader, writer = self._streams
        keep = False
        try:
            content = b"" if body is None else json.dumps(body).encode()
            head = f"{method} {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Length: {len(content)}\r\n"
            kind = "Content-Type: application/json\r\n" if content else ""
            writer.write(f"{head}{kind}\r\n".encode() + content)
            status, keep, answer = await read_answer(reader, is_used)
        finally:
            if not keep:
                self.close()
        return status, answer

    def close(self):
        if self._streams:
            self._streams[1].close()
        self._streams = None


async def read_answer(reader, is_used):
    """Read status, whether the connection stays, and body."""
    try:
        line = await reader.readline()
    except ConnectionResetError:
        line = b""
    if not line:
        raise HungUpError if is_used else ConnectionError("no answer")
    status, headers = int(line.split()[1]), {}
    while line := (await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    if headers.get("transfer-encoding") == "chunked":
        answer = b"".join([chunk async for chunk in chunks(reader)])
    else:
        answer = await reader.readexactly(int(headers.get("content-length", 0)))
    return status, headers.get("connection", "").lower() != "close", answer


async def chunks(reader):
    """Read a body that comes in chunks."""
    while size := int((await reader.readline()).partition(b";")[0], 16):
        yield await reader.readexactly(size)
        await reader.readline()
    await reader.readline()


class Load:
    """All clients of one way in."""

    def __init__(self, address, host, clients, pause, requests=1, pages=tuple(PAGES)):
        self.address, self.host, self.clients, self.pause = address, host, clients, pause
        self.requests, self.pages, self.is_told = requests, pages, False
        self.began, self.outcomes, self.failures = time.monotonic(), Counter(), []
        self.repeated, self.lost_writes = 0, 0

    async def run(self):
        """Let every client call until all is asked."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, setattr, self, "is_told", True)
        loop.add_signal_handler(signal.SIGUSR1, setattr, self, "pause", 1)
        accounts = asyncio.create_task(self.account())
        await asyncio.gather(*(self.client(writes=number == 0) for number in range(self.clients)))
        accounts.cancel()
        self.tell()

    async def client(self, *, writes):
        """Call one service after the other; who writes sees in the end whether the last number is there."""
        connection, number, stored = Connection(self.address, self.host), 0, 0
        path = f"/config/v1/configs/load-{secrets.token_hex(8)}"
        while not (self.is_told and self.outcomes.total() >= self.requests):
            for service in self.pages:
                await self.ask(connection, service, *PAGES[service])
                await asyncio.sleep(self.pause)
            if writes and "config" in self.pages:
                number += 1
                body = {"metadata": {"number": number}}
                if await self.ask(connection, "config", "PUT", path, body) is not None:
                    stored = number
                await asyncio.sleep(self.pause)
        if stored:
            answer = await self.ask(connection, "config", "GET", path, None)
            self.lost_writes += answer is None or json.loads(answer)["metadata"]["number"] < stored
        connection.close()

    async def ask(self, connection, service, method, path, body):
        """Make one request, and tell its answer if it was a good one."""
        answer = None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                (status, answer), again = await connection.call(method, path, body)
            outcome = str(status)
            self.repeated += again
        except Exception as exc:  # noqa: BLE001 - whatever went wrong, a request is lost
            connection.close()
            outcome = type(exc).__name__
        self.outcomes[f"{service} {outcome}"] += 1
        if outcome.startswith("2"):
            return answer
        self.failures.append((round(time.monotonic() - self.began, 1), method, service, outcome))
        return None

    async def account(self):
        """Say every second how far it is."""
        while True:
            self.tell()
            await asyncio.sleep(1)

    def tell(self):
        account = {
            "requests": self.outcomes.total(),
            "seconds": round(time.monotonic() - self.began),
            "lost": len(self.failures),
            "first_lost": self.failures[:20],
            "lost_writes": self.lost_writes,
            "repeated": self.repeated,
            "outcomes": self.outcomes,
        }
        print(json.dumps(account), flush=True)  # noqa: T201 - what it is there for


if __name__ == "__main__":
    asyncio.run(Load(**json.loads(sys.argv[1])).run())
