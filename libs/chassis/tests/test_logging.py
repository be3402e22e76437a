import io
import logging
import re
import subprocess
import sys
import threading

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import get_logger
from chassis._logging import configure_logging, sink, timestamp
from chassis._sink import Sink

HOSTILE = [
    '"}\n{"event": "forged"}',
    "a\r\nb",
    "tab\tnul\0esc\x1b[31m",
    "line\u2028separator\x85next",
    "\\ \" ' % {} %s",
    "ü 😀",
    "\ud800 lone \udfff",
]


@pytest.fixture
def lines(monkeypatch):
    """What is logged, as bytes; every line must be whole."""
    stream = io.BytesIO()
    monkeypatch.setattr(sink, "_stream", stream)
    root = logging.getLogger()
    handlers, level = root.handlers, root.level

    def read():
        sink.flush()
        *whole, rest = stream.getvalue().split(b"\n")
        assert rest == b""
        return whole

    configure("json")
    yield read
    sink.flush()
    root.handlers = handlers
    root.setLevel(level)


def configure(log_format, level="info"):
    configure_logging(service="sample", version="1.0", level=level, log_format=log_format)


def test_access_line_has_all_fields(service, request_id):
    headers = {"X-Request-ID": request_id, "User-Agent": "probe/1", "X-Forwarded-For": "198.51.100.7"}
    response = service.get("/items/3?password=hunter2", headers=headers)
    (line,) = service.log(request_id)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("timestamp"))
    assert re.fullmatch("[0-9a-f]{16}", line.pop("span_id"))
    assert 0 < line.pop("duration_ms") < 5000
    assert line == {
        "level": "info",
        "logger": "access",
        "event": "request",
        "service": "chassis",
        "version": "0.1.0",
        "request_id": request_id,
        "trace_id": response.headers["x-trace-id"],
        "method": "GET",
        "route": "/items/{item_id}",
        "path": "/items/3",
        "status": 200,
        "client_ip": "198.51.100.7",
        "user_agent": "probe/1",
        "bytes": len(response.content),
    }


def test_line_of_a_handler_carries_the_ids(service, request_id):
    response = service.get("/log", params={"text": "hi"}, headers={"X-Request-ID": request_id})
    said, library, access = service.log(request_id, 3)
    assert (said["event"], said["text"], said["logger"]) == ("said", "hi", "sample")
    assert (library["event"], library["logger"]) == ("said hi", "library")
    for line in (said, library):
        assert line["trace_id"] == response.headers["x-trace-id"]
        assert line["span_id"] == access["span_id"]
        assert (line["level"], line["service"], line["version"]) == ("warning", "chassis", "0.1.0")


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.isascii() or text.isprintable()])
def test_client_cannot_forge_a_line(service, request_id, text):
    headers = {"X-Request-ID": request_id, "User-Agent": 'a"}{"event":"forged"'}
    response = service.get("/log", params={"text": text}, headers=headers)
    assert response.status_code == 200
    lines = service.log(request_id, 3)
    assert len(lines) == 3
    assert lines[0]["text"] == text
    assert not [line for line in service.lines() if line["event"] == "forged"]


def test_secrets_of_a_request_are_not_logged(service, request_id):
    headers = {
        "X-Request-ID": request_id,
        "Authorization": "Bearer hunter2",
        "Cookie": "session=hunter2",
        "Content-Type": "application/json",
    }
    service.request("POST", "/items?token=hunter2", content=b'{"name": "hunter2"}', headers=headers)
    service.request("POST", "/items?token=hunter2", content=b'{"name": hunter2}', headers=headers)
    assert "hunter2" not in str(service.log(request_id, 2))


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_probes_are_not_logged(service, path, request_id):
    service.get(path, headers={"X-Request-ID": request_id})
    after = service.get("/items/3").headers["x-request-id"]
    service.log(after)
    assert not [line for line in service.lines() if line.get("request_id") == request_id]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("log_format", ["json", "console"])
def test_value_stays_in_its_line(lines, log_format, text):
    configure(log_format)
    get_logger("sample").info("said", text=text)
    logging.getLogger("library").warning("said %s", text)
    for line in (found := lines()):
        assert b"\r" not in line
        assert b"\x1b[31m" not in line
        if log_format == "json":
            assert b"sample" in line
            orjson.loads(line)
    assert len(found) == 2


@given(st.text(st.characters(), max_size=20), st.text(st.characters(), max_size=20))
def test_any_text_is_one_json_line(key, value):
    stream = io.BytesIO()
    own = Sink(stream)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chassis._logging.sink", own)
        configure("json")
        get_logger("sample").error("said", **{"x" + key: value})
    assert stream.getvalue().count(b"\n") == 1
    orjson.loads(stream.getvalue())


class Unprintable:
    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


def test_value_without_a_json_form_does_not_break_the_caller(lines):
    circle = []
    circle.append(circle)
    values = [
        object(),
        b"\xff",
        {1: 2},
        {(1, 2): 3},
        1 << 80,
        float("nan"),
        circle,
        Unprintable(),
        {"\ud800": 1},
    ]
    for value in values:
        get_logger("sample").info("said", value=value)
    assert [orjson.loads(line)["event"] for line in lines()] == ["said"] * len(values)


def test_library_record_with_wrong_arguments_does_not_break_the_caller(lines):
    configure("json")  # without pytest's own handler, which raises here
    logging.getLogger("library").warning("said %d", "text")
    assert orjson.loads(lines()[0])["event"] == "said %d"


def test_level_filters(lines):
    configure("json", "error")
    get_logger("sample").warning("quiet")
    logging.getLogger("library").warning("quiet")
    get_logger("sample").error("loud")
    assert [orjson.loads(line)["event"] for line in lines()] == ["loud"]


def test_traceback_is_a_field(lines):
    try:
        raise ValueError("wrong\nthing")
    except ValueError:
        get_logger("sample").exception("failed")
        logging.getLogger("library").exception("failed")
    for line in lines():
        line = orjson.loads(line)
        assert (line["level"], line["event"]) == ("error", "failed")
        assert "ValueError: wrong\nthing" in line["exception"]


def test_warning_is_written_at_once(lines):
    get_logger("sample").info("first")
    get_logger("sample").warning("second")
    assert sink._stream.getvalue().count(b"\n") == 2


def test_no_line_is_lost_or_split_among_threads():
    stream = io.BytesIO()
    own = Sink(stream)

    def work(name):
        for number in range(5000):
            own.write(f"{name}-{number}\n".encode())

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    own.flush()
    expected = {f"{name}-{number}" for name in range(4) for number in range(5000)}
    assert set(stream.getvalue().decode().splitlines()) == expected


def test_memory_is_bounded_when_lines_come_fast():
    stream = io.BytesIO()
    own = Sink(stream)
    for _ in range(100):
        own.write(b"x" * 2000)
    assert own._size <= 66_000


@pytest.mark.parametrize(
    "error", [BrokenPipeError(), OSError(28, "No space left on device"), ValueError("closed")]
)
def test_broken_stdout_does_not_break_the_caller(error):
    class Broken(io.BytesIO):
        def write(self, data):
            raise error

    own = Sink(Broken())
    own.write(b"x" * 70_000)
    own.flush()


def test_lines_are_written_before_the_interpreter_ends():
    program = (
        "from chassis._logging import configure_logging, get_logger\n"
        "configure_logging(service='s', version='1', level='info', log_format='json')\n"
        "get_logger('x').info('last words')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)  # noqa: S603
    assert orjson.loads(done.stdout)["event"] == "last words"


def test_console_format_is_for_people(lines):
    configure("console")
    get_logger("sample").info("said", number=3)
    (line,) = lines()
    assert b"said" in line
    assert b"number" in line
    assert not line.startswith(b"{")


@given(st.floats(0, 4e9))
def test_timestamp_is_utc_with_milliseconds(seconds):
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", timestamp(seconds))
    assert timestamp(0.5) == "1970-01-01T00:00:00.500Z"


def test_baggage_is_not_quoted(service, request_id):
    service.get("/items/3", headers={"X-Request-ID": request_id, "baggage": f"{request_id}-a, =, b"})
    service.log(request_id)
    assert not [line for line in service.lines() if f"{request_id}-a" in line["event"]]
