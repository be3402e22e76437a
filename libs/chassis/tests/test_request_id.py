import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis._request_id import request_id


@pytest.mark.parametrize("candidate", ["a", "abc-DEF_1.2", "0" * 128, "-", "."])
def test_well_formed_id_is_kept(candidate):
    assert request_id(candidate) == candidate


@pytest.mark.parametrize(
    "candidate", [None, "", "0" * 129, "a b", "a\n", "\na", "a/b", "é", "\u0661", "a\x00", "<b>", "a,b"]
)
def test_any_other_is_replaced(candidate):
    assert uuid.UUID(request_id(candidate)).version == 7


@given(st.text())
def test_answer_is_always_safe_to_send(candidate):
    assert set(request_id(candidate)) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
    )


def test_new_id_is_a_version_7_uuid_of_this_moment():
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(request_id(None))
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert before <= made.int >> 80 <= after


def test_new_ids_differ():
    assert len({request_id(None) for _ in range(10_000)}) == 10_000
