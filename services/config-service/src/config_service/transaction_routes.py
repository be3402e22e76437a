"""`/v1/transactions`: several documents at once."""

from chassis.fastapi import Router, problem_responses
from config_service import transactions as service
from config_service.dependencies import DependsChange, DependsStore
from config_service.v1_schemas import TransactionBody, TransactionResult

router = Router(tags=["transactions"])


@router.post("/v1/transactions", responses=problem_responses(400, 409, 413, 415, 422))
def run_transaction(body: TransactionBody, store: DependsStore, change: DependsChange) -> TransactionResult:
    """Do up to 128 operations on documents, all or none of them."""
    return service.run_transaction(store, body, change)
