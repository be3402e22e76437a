import threading
import time

import pytest
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanKind
from otlp_collector import collector

from chassis.testing import free_port, wait_until

OTLP_TYPE = "application/x-protobuf"


class HeldExporter(SpanExporter):
    """An exporter that waits before each batch until it is let go."""

    def __init__(self):
        self.go = threading.Event()
        self.batches = []
        self.result = SpanExportResult.SUCCESS

    def export(self, spans):
        self.go.wait(10)
        self.batches.append(list(spans))
        if self.result is None:
            raise RuntimeError("broken exporter")
        return self.result


def end_spans(chassis, count):
    for number in range(count):
        chassis.tracing.start("work", SpanKind.INTERNAL, None, {"number": number}).end()


def dropped(chassis, reason):
    return chassis.registry.get_sample_value("otel_spans_dropped_total", {"reason": reason})


@pytest.fixture
def exporter():
    held = HeldExporter()
    yield held
    held.go.set()


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_spans_arrive_by_otlp(make_chassis, compression):
    with collector() as (received, url):
        chassis = make_chassis(
            otel_exporter_otlp_endpoint=url,
            otel_exporter_otlp_compression=compression,
            otel_bsp_schedule_delay=10,
        )
        end_spans(chassis, 3)
        wait_until(lambda: len(received.received) == 3)

    (request, *_) = received.requests
    assert request["path"] == "/v1/traces"
    assert request["content-type"] == OTLP_TYPE
    assert request.get("content-encoding", "none") == compression
    assert [span.attributes for span in received.received] == [{"number": number} for number in range(3)]
    assert received.received[0].resource["service.name"] == "chassis"


def test_collector_gets_the_headers_that_it_wants(make_chassis, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=one,authorization=Bearer%20a")
    with collector() as (received, url):
        end_spans(make_chassis(otel_exporter_otlp_endpoint=url, otel_bsp_schedule_delay=10), 1)
        wait_until(lambda: received.requests)

    assert (received.requests[0]["x-tenant"], received.requests[0]["authorization"]) == ("one", "Bearer a")


def test_full_queue_drops_and_counts_without_waiting(make_chassis, exporter):
    chassis = make_chassis(
        exporter, otel_bsp_max_queue_size=10, otel_bsp_max_export_batch_size=5, otel_bsp_schedule_delay=1
    )

    end_spans(chassis, 200)

    assert dropped(chassis, "queue_full") >= 200 - 10 - 5
    exporter.go.set()
    chassis.close()
    exported = sum(map(len, exporter.batches))
    assert exported + dropped(chassis, "queue_full") == 200


def test_batches_have_the_configured_size(make_chassis, exporter):
    exporter.go.set()
    chassis = make_chassis(exporter, otel_bsp_max_export_batch_size=7, otel_bsp_schedule_delay=60_000)

    end_spans(chassis, 20)
    chassis.close()

    assert sum(map(len, exporter.batches)) == 20
    assert max(map(len, exporter.batches)) <= 7


@pytest.mark.parametrize("result", [SpanExportResult.FAILURE, None])
def test_failed_export_is_counted_and_the_next_one_tried(make_chassis, exporter, result):
    exporter.result = result
    exporter.go.set()
    chassis = make_chassis(exporter, otel_bsp_schedule_delay=10)
    end_spans(chassis, 4)
    wait_until(lambda: dropped(chassis, "export_failed") == 4)

    exporter.result = SpanExportResult.SUCCESS
    end_spans(chassis, 2)
    chassis.close()

    assert dropped(chassis, "export_failed") == 4
    assert sum(map(len, exporter.batches)) == 6


def test_last_spans_are_exported_at_the_end(make_chassis, exporter):
    exporter.go.set()
    chassis = make_chassis(exporter, otel_bsp_schedule_delay=60_000)
    end_spans(chassis, 3)

    chassis.close()

    assert sum(map(len, exporter.batches)) == 3


def test_end_does_not_wait_for_a_hanging_collector(make_chassis, exporter):
    chassis = make_chassis(exporter, otel_bsp_schedule_delay=1)
    end_spans(chassis, 3)

    started = time.monotonic()
    chassis.close()

    assert time.monotonic() - started < 5


@pytest.mark.parametrize("state", ["absent", "failing", "hanging"])
def test_requests_do_not_notice_a_bad_collector(start, state):
    with collector() as (received, url):
        received.status = 500 if state == "failing" else 200
        if state == "hanging":
            received.hold.clear()
        endpoint = f"http://127.0.0.1:{free_port()}" if state == "absent" else url
        with start(OTEL_EXPORTER_OTLP_ENDPOINT=endpoint) as service:
            started = time.monotonic()
            statuses = {service.get("/items/7").status_code for _ in range(50)}

            assert statuses == {200}
            assert time.monotonic() - started < 5
            assert service.get("/readyz").status_code == 200
        received.hold.set()


def test_without_an_endpoint_nothing_is_exported(start):
    with start(OTEL_EXPORTER_OTLP_ENDPOINT="") as service:
        response = service.get("/items/7")

        assert len(response.headers["x-trace-id"]) == 32
        assert service.metric("otel_spans_dropped_total", reason="queue_full") == 0
