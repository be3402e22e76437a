"""Bare `def` routes of FastAPI: the same row, and the same statements of a write, without telemetry."""

import json
import os
from datetime import UTC, datetime

import sqlalchemy
from fastapi import Body, FastAPI, Response
from sqlalchemy import event, select

from config_service.search import terms_of
from config_service.tables import config_terms, configs, revision_counter, revisions

engine = sqlalchemy.create_engine(os.environ["DATABASE_URL"], pool_size=11)  # noqa: TID251 a measuring stick
app = FastAPI(openapi_url=None)
ONE = select(*configs.c)
PUT = sqlalchemy.update(configs)


@event.listens_for(engine, "connect")
def _prepare(connection: object, _record: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]


@app.get("/v1/configs/{name}")
def get_config(name: str) -> Response:
    """Read one row."""
    with engine.connect() as connection:
        row = connection.execute(ONE.where(configs.c.name == name)).one()
    body = (
        f'{{"name":"{row.name}","metadata":{row.metadata},"schema":"{row.schema_name}","revision":{row.revision},'
        f'"created_at":"{row.created_at.isoformat()}","modified_at":"{row.modified_at.isoformat()}"}}'
    )
    return Response(body, headers={"ETag": f'"{row.revision}"'}, media_type="application/json")


@app.put("/v1/configs/{name}")
def put_config(name: str, body: dict[str, object] = Body()) -> dict[str, object]:  # noqa: B008
    """Write one document, its terms and its history."""
    metadata = body["metadata"]
    assert isinstance(metadata, dict)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        revision = connection.execute(select(revision_counter.c.value)).scalar_one() + 1
        old = connection.execute(ONE.where(configs.c.name == name)).one()
        values = {"metadata": json.dumps(metadata), "revision": revision, "modified_at": datetime.now(UTC)}
        connection.execute(PUT.where(configs.c.name == name).values(values))
        before, after = terms_of(json.loads(old.metadata)), terms_of(metadata)
        gone = config_terms.c.name == name, config_terms.c.term.in_(before - after)
        connection.execute(sqlalchemy.delete(config_terms).where(*gone))
        new = [{"term": term, "name": name} for term in after - before]
        connection.execute(sqlalchemy.insert(config_terms), new)
        entry = {
            "revision": revision,
            "k": 0,
            "name": name,
            "action": "update",
            "metadata": values["metadata"],
        }
        moments = {"at": values["modified_at"], "created_at": old.created_at}
        connection.execute(sqlalchemy.insert(revisions).values(**entry, **moments, author="bench"))
        connection.execute(sqlalchemy.update(revision_counter).values(value=revision))
        connection.exec_driver_sql("COMMIT")
    return {"revision": revision}
