"""FastAPI with the stock OpenTelemetry instrumentation, exporting like ours."""

from fastapi import FastAPI
from fastapi.responses import Response
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from benchmarks.servers.bare import BODY

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
app = FastAPI()


@app.get("/")
async def constant() -> Response:
    """The athlete-service's bytes."""
    return Response(BODY, media_type="application/json")


FastAPIInstrumentor.instrument_app(app, tracer_provider=provider)
