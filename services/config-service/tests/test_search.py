import json
import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st

from chassis.fastapi import App
from config_service import finding
from config_service.documents import Change
from config_service.finding import Filter
from config_service.search import condition, terms_of
from config_service.store import Store
from config_service.transaction import Transaction

pytestmark = pytest.mark.anyio

VALUES = [
    "v1.2",
    "100%",
    "a_b",
    "a*b",
    "ü 🙂",
    "",
    " ",
    "\u0000",
    "true",
    "1",
    "null",
    "{}",
    "a&b=c;d",
    "\\",
    "'",
    '"',
]


async def search(client: httpx.AsyncClient, *parameters: tuple[str, str]) -> list[str]:
    response = await client.get("/search", params=httpx.QueryParams(parameters))
    assert response.status_code == 200
    return [document["dcname"] for document in response.json()]


async def add(client: httpx.AsyncClient, name: str, metadata: dict[str, Any]) -> None:
    response = await client.post("/configs", json={"dcname": name, "metadata": metadata})
    assert response.status_code == 204


async def test_search_returns_documents(client: httpx.AsyncClient) -> None:
    response = await client.get("/search?metadata.monitoring.enabled=true")

    assert response.json() == (await client.get("/configs")).json()


async def test_no_condition_finds_all(client: httpx.AsyncClient) -> None:
    assert await search(client) == ["datacenter-1", "datacenter-2"]


async def test_all_conditions_hold(client: httpx.AsyncClient) -> None:
    await add(
        client, "a", {"limits": {"cpu": {"enabled": True, "value": "1"}}, "monitoring": {"enabled": False}}
    )
    cpu, monitoring = ("metadata.limits.cpu.enabled", "true"), ("metadata.monitoring.enabled", "false")

    assert await search(client, cpu) == ["a", "datacenter-1", "datacenter-2"]
    assert await search(client, cpu, monitoring) == ["a"]
    assert await search(client, monitoring, ("metadata.limits.cpu.value", "500m")) == []


async def test_repeated_key_must_hold_each_time(client: httpx.AsyncClient) -> None:
    await add(client, "a", {"limits": {"cpu": {"value": "true"}}})
    key = "metadata.limits.cpu.value"

    assert await search(client, (key, "true"), (key, '"true"')) == ["a"]
    assert await search(client, (key, "true"), (key, "false")) == []


async def test_true_finds_the_boolean_and_the_text(client: httpx.AsyncClient) -> None:
    await add(client, "a", {"limits": {"cpu": {"value": "true"}}})

    assert await search(client, ("metadata.limits.cpu.value", "true")) == ["a"]
    assert await search(client, ("metadata.limits.cpu.enabled", "true")) == ["datacenter-1", "datacenter-2"]
    assert await search(client, ("metadata.limits.cpu.enabled", '"true"')) == []
    assert await search(client, ("metadata.limits.cpu.enabled", "True")) == []
    assert await search(client, ("metadata.limits.cpu.enabled", "1")) == []


@pytest.mark.parametrize("value", VALUES)
async def test_any_text_is_found_as_it_is(client: httpx.AsyncClient, value: str) -> None:
    await add(client, "wanted", {"limits": {"cpu": {"value": value}}})
    for index, other in enumerate(other for other in VALUES if other != value):
        await add(client, f"other-{index}", {"limits": {"cpu": {"value": other}}})

    assert await search(client, ("metadata.limits.cpu.value", value)) == ["wanted"]


@pytest.mark.parametrize(
    "path", ["limits.cpu.enabled", "metadata", "metadata.", "Metadata.a", "dcname", "", "_x"]
)
async def test_parameter_that_is_no_metadata_path_is_422(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get("/search", params={path: "true"})

    assert response.status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "metadata.limits",
        "metadata.limits.cpu",
        "metadata.unknown",
        "metadata..",
        "metadata.limits.cpu.enabled.",
    ],
)
async def test_path_to_no_scalar_finds_nothing(client: httpx.AsyncClient, path: str) -> None:
    assert await search(client, (path, "true")) == []
    assert await search(client, (path, "{}")) == []


async def test_too_many_conditions_are_422(client: httpx.AsyncClient) -> None:
    many = httpx.QueryParams([(f"metadata.key{index}", "x") for index in range(33)])

    assert (await client.get("/search", params=many)).status_code == 422
    assert await search(client, *[("metadata.monitoring.enabled", "true")] * 500) == [
        "datacenter-1",
        "datacenter-2",
    ]


async def test_search_follows_changes(client: httpx.AsyncClient) -> None:
    old, new = ("metadata.limits.cpu.value", "500m"), ("metadata.limits.cpu.value", "1")

    await client.patch("/configs/datacenter-1", json={"metadata": {"limits": {"cpu": {"value": "1"}}}})
    await client.delete("/configs/datacenter-2")

    assert await search(client, old) == []
    assert await search(client, new) == ["datacenter-1"]
    assert await search(client, ("metadata.monitoring.enabled", "true")) == ["datacenter-1"]


def test_free_document_is_found_by_what_it_holds(store: Store) -> None:
    document = {
        "list": ["a"],
        "dotted.name": {"": None},
        "deep": {"number": 500, "float": 1.0, "big": 10**30},
    }
    store.write(Change("test"), lambda transaction: transaction.create("free", "datacenter", document))

    for path, text, found in [
        ("list", "a", False),
        ("list", '["a"]', False),
        ("dotted.name.", "null", True),
        ("deep.number", "500", True),
        ("deep.number", "500.0", True),
        ("deep.number", '"500"', False),
        ("deep.float", "1", True),
        ("deep.big", "1" + "0" * 30, True),
        ("deep.big", "1" + "0" * 29 + "1", False),
        ("deep.number", "NaN", False),
        ("deep.number", "9" * 5000, False),
    ]:
        names = [config.name for config in store.find([condition(path, text)])]
        assert ("free" in names) is found, (path, text)


NAMES = st.text(max_size=3)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
OBJECTS = st.recursive(
    st.dictionaries(NAMES, SCALARS, max_size=3),
    lambda inner: st.dictionaries(NAMES, inner | SCALARS, max_size=3),
)


def scalars(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        return [(path[1:], value)]
    return [found for name, inner in value.items() for found in scalars(inner, f"{path}.{name}")]


@given(OBJECTS)
def test_every_scalar_is_found_by_its_json_text(metadata: dict[str, Any]) -> None:
    terms = terms_of(metadata)
    for path, value in scalars(metadata):
        assert terms & condition(path, json.dumps(value))
        if isinstance(value, str):
            assert terms & condition(path, value)


@given(OBJECTS, NAMES, st.text())
def test_what_is_found_is_there(metadata: dict[str, Any], path: str, text: str) -> None:
    if terms_of(metadata) & condition(path, text):
        there = [value for where, value in scalars(metadata) if where == path]
        assert text in there or json.loads(text) in there


def test_any_filter_finds_what_a_look_at_each_document_would(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "COUNT_LIMIT", 5)
    dice = random.Random(3)  # noqa: S311 no secret
    documents = {
        f"{dice.choice('ab')}{number:02}": (
            dice.choice([None, "s", "t"]),
            {"x": dice.choice([1, "1", 1.5]), "y": {"z": dice.random() < 0.9}},
        )
        for number in range(60)
    }

    def fill(transaction: Transaction) -> None:
        for name, (schema, metadata) in documents.items():
            transaction.create(name, schema, metadata)

    store.write(Change("tester"), fill)
    tests: dict[tuple[str, str], Callable[[Any], bool]] = {
        ("x", "1"): lambda found: found["x"] in (1, "1"),
        ("x", "1.5"): lambda found: found["x"] == 1.5,
        ("y.z", "true"): lambda found: found["y"]["z"] is True,
        ("y.z", "no"): lambda found: False,
    }
    for _ in range(150):
        asked = dice.sample(sorted(tests), dice.randint(0, 3))
        schema, prefix = dice.choice([None, "s", "t", "u"]), dice.choice(["", "a", "b1"])
        after, limit = dice.choice(["", "a30", "b10"]), dice.choice([None, 1, 7])
        found = store.find(
            {condition(*key) for key in asked}, schema=schema, prefix=prefix, after=after, limit=limit
        )
        expected = [
            name
            for name, (its_schema, metadata) in sorted(documents.items())
            if all(tests[key](metadata) for key in asked)
            and schema in (None, its_schema)
            and name.startswith(prefix)
            and name > after
        ]
        seeds = [] if schema or asked or prefix else ["datacenter-1", "datacenter-2"]
        assert [config.name for config in found] == (expected + seeds)[:limit]


PLANNED = {
    "page": Filter(after="a", limit=10),
    "prefix": Filter(prefix="a", limit=10),
    "schema": Filter(schema="s", limit=10),
    "condition": Filter([condition("x", "1")], limit=10),
    "conditions": Filter([condition("x", "1"), condition("y", "true")], limit=10),
    "both": Filter([condition("x", "1")], schema="s", limit=10),
}


@pytest.mark.parametrize("wanted", PLANNED.values(), ids=PLANNED)
def test_no_question_reads_a_whole_table(app: App, engine: sqlalchemy.Engine, wanted: Filter) -> None:
    if engine.dialect.name == "mysql":
        pytest.skip(
            "MySQL reads tables of a few rows as a whole; python -m benchmarks config-scale shows its plans"
        )
    with engine.connect() as connection:
        query = finding.select_found(connection, wanted)
        statement = query.compile(engine, compile_kwargs={"render_postcompile": True})
        values = tuple(statement.params[name] for name in statement.positiontup or ())
        plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]

    assert any("INDEX" in step or "PRIMARY KEY" in step for step in plan)
    assert not any(step.startswith(("SCAN configs", "SCAN config_terms")) for step in plan)
