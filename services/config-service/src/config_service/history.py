"""What the history of a document is good for: revisions, differences, going back."""

from typing import Any

from config_service.diff import Operation, diff
from config_service.documents import Change, Config, Revision, decode
from config_service.errors import DeletedContent
from config_service.schema_service import check_schema
from config_service.store import Store
from config_service.transaction import Transaction
from config_service.v1_schemas import ConfigBody
from config_service.v1_service import Preconditions


def diff_revisions(store: Store, name: str, old: int, new: int | None) -> list[Operation]:
    """Return what changed in a document between two of its revisions; None is the last one.

    Raises:
        NotFound: there never was one of that name.
        RevisionNotFound: one of them did not change this document.
        DeletedContent: one of them deleted it.
    """
    if new is None:
        new = store.changes.list(name, limit=1)[0].revision
    return diff(_content(store.changes.get(name, old)), _content(store.changes.get(name, new)))


def roll_back(store: Store, name: str, number: int, conditions: Preconditions, change: Change) -> Config:
    """Give a document the content that an earlier revision made, also after its deletion.

    Raises:
        RevisionNotFound: it did not change this document.
        DeletedContent: it deleted it.
        InvalidConfig: the content does not keep to its schema any more.
        PreconditionFailed: the document is another.
    """
    body = ConfigBody.model_validate(_content(store.changes.get(name, number)))

    def work(transaction: Transaction) -> Config:
        current = transaction.get(name)
        conditions.check(current)
        check_schema(transaction, body)
        if current is None:
            return transaction.create(name, body.schema_name, body.metadata, action="restore")
        return transaction.update(current, body.schema_name, body.metadata, action="restore")

    return store.write(change, work)


def _content(revision: Revision) -> dict[str, Any]:
    if revision.metadata is None:
        raise DeletedContent(f"Revision {revision.revision} deleted the document.")
    return {"schema": revision.schema, "metadata": decode(revision.metadata)}
