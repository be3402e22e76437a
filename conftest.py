"""What all tests share: garbage collections that spare what was imported."""

import gc


def pytest_collection_finish() -> None:
    """Look at it no more; each full collection would, for more time than most tests take."""
    gc.freeze()
