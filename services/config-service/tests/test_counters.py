import httpx
import pytest

pytestmark = pytest.mark.anyio


async def counters(client: httpx.AsyncClient) -> dict[str, float]:
    lines = (await client.get("/metrics")).text.splitlines()
    samples = (
        line.rsplit(" ", 1) for line in lines if line.startswith(("http_requests_", "http_requests_config_"))
    )
    return {name: float(value) for name, value in samples}


async def test_every_call_is_counted(client: httpx.AsyncClient) -> None:
    document = {"dcname": "a", "metadata": {}}
    for _ in range(3):
        await client.get("/configs")
    await client.get("/configs/a")
    await client.get("/configs/b/")
    await client.post("/configs", json=document)
    await client.post("/configs", json=document)
    await client.put("/configs/a", json=document)
    await client.patch("/configs/a", content=b"{", headers={"Content-Type": "application/json"})
    await client.delete("/configs/unknown")
    await client.head("/search")
    await client.options("/configs")
    await client.put("/configs", json=document)
    await client.request("BREW", "/configs")
    await client.get("/nowhere")

    assert await counters(client) == {
        'http_requests_config_total{code="200",endpoint="/configs",method="get"}': 3,
        'http_requests_config_total{code="200",endpoint="/configs/{name}",method="get"}': 2,
        'http_requests_config_total{code="204",endpoint="/configs",method="post"}': 1,
        'http_requests_config_total{code="403",endpoint="/configs",method="post"}': 1,
        'http_requests_config_total{code="204",endpoint="/configs/{name}",method="put"}': 1,
        'http_requests_config_total{code="400",endpoint="/configs/{name}",method="patch"}': 1,
        'http_requests_config_total{code="404",endpoint="/configs/{name}",method="delete"}': 1,
        'http_requests_config_total{code="200",endpoint="/search",method="head"}': 1,
        'http_requests_config_total{code="204",endpoint="/configs",method="options"}': 1,
        'http_requests_config_total{code="405",endpoint="/configs",method="put"}': 1,
        'http_requests_config_total{code="405",endpoint="/configs",method="_other"}': 1,
        'http_requests_total{code="200",method="get"}': 5,
        'http_requests_total{code="204",method="post"}': 1,
        'http_requests_total{code="403",method="post"}': 1,
        'http_requests_total{code="204",method="put"}': 1,
        'http_requests_total{code="400",method="patch"}': 1,
        'http_requests_total{code="404",method="delete"}': 1,
        'http_requests_total{code="200",method="head"}': 1,
        'http_requests_total{code="204",method="options"}': 1,
        'http_requests_total{code="405",method="put"}': 1,
        'http_requests_total{code="405",method="_other"}': 1,
        'http_requests_total{code="404",method="get"}': 1,
    }


async def test_counters_are_given_as_open_metrics(client: httpx.AsyncClient) -> None:
    await client.get("/configs")

    response = await client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert "# TYPE http_requests_config counter" in response.text
    assert response.text.endswith("# EOF\n")
