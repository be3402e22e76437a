"""A program of before OpenTelemetry: calls a URL within a span of jaeger-client, and says which."""

import json
import sys
import urllib.request

from jaeger_client import ConstSampler, Tracer
from jaeger_client.reporter import NullReporter
from opentracing.propagation import Format


def main(url: str, host: str) -> None:
    """Call the URL of a host; print the client's trace and the one that the answer names."""
    tracer = Tracer("old-client", NullReporter(), ConstSampler(True), generate_128bit_trace_id=True)
    headers = {"Host": host} if host else {}
    with tracer.start_active_span("call") as scope:
        tracer.inject(scope.span.context, Format.HTTP_HEADERS, headers)
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the stack's URL
        with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310
            joined = answer.headers["x-trace-id"]
    json.dump({"own": f"{scope.span.trace_id:032x}", "joined": joined}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
