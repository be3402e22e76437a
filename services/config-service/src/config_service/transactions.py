"""What `/v1/transactions` does: several documents at once, all or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chassis import BadRequest, Conflict, FieldError, UnprocessableContent
from config_service.documents import Change, Config
from config_service.errors import InvalidConfig, OperationFailed
from config_service.schema_service import check_schema
from config_service.store import Store
from config_service.transaction import Transaction
from config_service.v1_schemas import Operation, OperationResult, TransactionBody, TransactionResult
from config_service.v1_service import patched


def run_transaction(store: Store, body: TransactionBody, change: Change) -> TransactionResult:
    """Do the operations in their order, each on what those before it left.

    Raises:
        OperationFailed: one does not fit the store as it is.
        InvalidConfig: one makes a document that breaks a rule.
    """

    def work(transaction: Transaction) -> TransactionResult:
        transaction.load({operation.name for operation in body.operations})
        for number, operation in enumerate(body.operations):
            with _numbered(number):
                _apply(transaction, operation, number)
        results = [_result(operation, transaction.get(operation.name)) for operation in body.operations]
        return TransactionResult(revision=transaction.last_revision, results=results)

    return store.write(change, work)


def _apply(transaction: Transaction, operation: Operation, number: int) -> None:
    current = transaction.get(operation.name)
    revision = current.revision if current else 0
    if operation.if_revision not in (None, revision):
        raise OperationFailed.at(number, f"The document's revision is {revision}.")
    if operation.op == "put":
        _put(transaction, current, operation)
    elif operation.op in ("patch", "delete"):
        if current is None:
            raise OperationFailed.at(number, "There is no document of this name.")
        _change(transaction, current, operation)


def _put(transaction: Transaction, current: Config | None, operation: Operation) -> None:
    body = operation.document()
    check_schema(transaction, body)
    if current is None:
        transaction.create(operation.name, body.schema_name, body.metadata)
    else:
        transaction.update(current, body.schema_name, body.metadata)


def _change(transaction: Transaction, current: Config, operation: Operation) -> None:
    if operation.op == "delete":
        transaction.delete(current)
        return
    body = patched(current, operation.patch, json_patch=isinstance(operation.patch, list))
    check_schema(transaction, body)
    transaction.update(current, body.schema_name, body.metadata)


def _result(operation: Operation, config: Config | None) -> OperationResult:
    return OperationResult(op=operation.op, name=operation.name, revision=config.revision if config else 0)


@contextmanager
def _numbered(number: int) -> Iterator[None]:
    """Say of each error which operation it comes from."""

    def below(errors: tuple[FieldError, ...]) -> list[Any]:
        return [FieldError(f"/operations/{number}{error.pointer}", error.detail) for error in errors]

    try:
        yield
    except OperationFailed:
        raise
    except Conflict as exc:
        detail = f"Operation {number} failed; nothing was changed."
        raise OperationFailed(detail, errors=below(exc.errors)) from exc
    except (UnprocessableContent, BadRequest) as exc:
        errors = below(exc.errors or (FieldError("", str(exc)),))
        raise InvalidConfig(f"Operation {number} is invalid; nothing was changed.", errors=errors) from exc
