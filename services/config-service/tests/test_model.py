"""The store against a model of it: any sequence of calls leaves what the contract says."""

import json
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chassis import Chassis, PreconditionFailed
from chassis.sql import create_engine
from config_service import history, v1_service
from config_service.documents import Change, decode
from config_service.errors import ConfigExists, ConfigNotFound, OperationFailed
from config_service.migrate import migrate
from config_service.search import condition
from config_service.settings import Settings
from config_service.store import Store
from config_service.transactions import run_transaction
from config_service.v1_schemas import ConfigBody, NewConfigBody, TransactionBody
from config_service.v1_service import Preconditions

ME = Change("tester")
ANY = Preconditions()
NAMES = st.sampled_from(["a", "b", "c"])
CONTENTS = st.fixed_dictionaries({"x": st.integers(0, 2)}, optional={"y": st.booleans()})
SEEDS = 2


class ConfigMachine(RuleBasedStateMachine):
    """Keeps the documents, the counter and every content that an ETag was given for."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copyfile(migrated(), self.folder / "config.db")
        self.chassis = Chassis(Settings(serve_port=0, log_level="critical"), name="config-service")
        self.engine = create_engine(self.chassis, f"sqlite:///{self.folder}/config.db")
        self.store = Store(self.engine)
        self.documents: dict[str, tuple[int, dict[str, Any]]] = {}
        self.contents: dict[tuple[str, int], dict[str, Any]] = {}
        self.revision = SEEDS

    def teardown(self) -> None:
        self.engine.dispose()
        self.chassis.close()
        shutil.rmtree(self.folder)

    def written(self, name: str, metadata: dict[str, Any]) -> None:
        if self.documents.get(name, (0, None))[1] != metadata:
            self.revision += 1
            self.documents[name] = (self.revision, metadata)
            self.contents[name, self.revision] = metadata

    @rule(name=NAMES, metadata=CONTENTS)
    def create(self, name: str, metadata: dict[str, Any]) -> None:
        try:
            v1_service.create_config(self.store, NewConfigBody(name=name, metadata=metadata), ANY, ME)
        except ConfigExists:
            assert name in self.documents
        else:
            assert name not in self.documents
            self.written(name, metadata)

    @rule(name=NAMES, metadata=CONTENTS, off=st.sampled_from([0, 0, 1]))
    def replace(self, name: str, metadata: dict[str, Any], off: int) -> None:
        seen = self.documents.get(name, (0, {}))[0] + off
        conditions = Preconditions(if_match=f'"{seen}"')
        try:
            v1_service.put_config(self.store, name, ConfigBody(metadata=metadata), conditions, ME)
        except PreconditionFailed:
            assert off or name not in self.documents
        else:
            assert not off
            self.written(name, metadata)

    @rule(name=NAMES, patch=CONTENTS)
    def patch(self, name: str, patch: dict[str, Any]) -> None:
        try:
            v1_service.patch_config(self.store, name, {"metadata": patch}, ANY, ME, json_patch=False)
        except ConfigNotFound:
            assert name not in self.documents
        else:
            self.written(name, self.documents[name][1] | patch)

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        try:
            v1_service.delete_config(self.store, name, ANY, ME)
        except ConfigNotFound:
            assert name not in self.documents
        else:
            del self.documents[name]
            self.revision += 1

    @precondition(lambda self: self.contents)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        name, number = data.draw(st.sampled_from(sorted(self.contents)))
        history.roll_back(self.store, name, number, ANY, ME)
        self.written(name, self.contents[name, number])

    @rule(puts=st.dictionaries(NAMES, CONTENTS, min_size=1), gone=st.none() | NAMES)
    def run_together(self, puts: dict[str, Any], gone: str | None) -> None:
        operations: list[dict[str, Any]] = [
            {"op": "put", "name": name, "metadata": metadata} for name, metadata in puts.items()
        ]
        if gone:
            operations.append({"op": "delete", "name": gone})
        body = TransactionBody.model_validate({"operations": operations})
        after = {name: content for name, (_, content) in self.documents.items()} | puts
        try:
            run_transaction(self.store, body, ME)
        except OperationFailed:
            assert gone not in after
            return
        after.pop(gone or "", None)
        self.together(after)

    def together(self, after: dict[str, dict[str, Any]]) -> None:
        before = {name: content for name, (_, content) in self.documents.items()}
        if after == before:
            return
        self.revision += 1
        for name in before.keys() - after.keys():
            del self.documents[name]
        for name, content in after.items():
            if before.get(name) != content:
                self.documents[name] = (self.revision, content)
                self.contents[name, self.revision] = content

    @invariant()
    def store_is_as_the_model_says(self) -> None:
        found = {config.name: config for config in self.store.find() if config.schema is None}
        assert {name: (c.revision, decode(c.metadata)) for name, c in found.items()} == self.documents
        assert self.store.last_revision() == self.revision
        for value in range(3):
            matching = {c.name for c in self.store.find([condition("x", str(value))])}
            assert matching == {
                name for name, (_, content) in self.documents.items() if content["x"] == value
            }

    @invariant()
    def history_has_no_gap_and_leads_here(self) -> None:
        with self.engine.connect() as connection:
            query = "SELECT revision, k, name, metadata FROM revisions ORDER BY revision, k"
            entries = connection.execute(sqlalchemy.text(query)).all()
        assert sorted({entry.revision for entry in entries}) == list(range(1, self.revision + 1))
        last = {entry.name: (entry.revision, entry.metadata) for entry in entries if entry.revision > SEEDS}
        replayed = {n: (r, json.loads(text)) for n, (r, text) in last.items() if text is not None}
        assert replayed == self.documents
        for (name, number), content in self.contents.items():
            revision = self.store.changes.get(name, number)
            assert json.loads(revision.metadata or "null") == content


def migrated() -> Path:
    """A store that is migrated once, to be copied."""
    if not _TEMPLATE:
        file = Path(tempfile.mkdtemp()) / "config.db"
        chassis = Chassis(Settings(serve_port=0, log_level="critical"), name="config-service")
        engine = create_engine(chassis, f"sqlite:///{file}")
        migrate(engine)
        engine.dispose()
        chassis.close()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _TEMPLATE.append(file)
    return _TEMPLATE[0]


_TEMPLATE: list[Path] = []
TestModel = ConfigMachine.TestCase
TestModel.settings = settings(
    max_examples=10, stateful_step_count=20, suppress_health_check=list(HealthCheck)
)
