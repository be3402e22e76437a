from collections import Counter
from random import Random

import pytest

from shoutcloud_emulator.faults import Fault, FaultPlan


def test_percentage_hits_about_that_share():
    plan = FaultPlan(random=Random(1))  # noqa: S311 - a seed makes it repeatable
    plan.replace(Fault(kind="garbage", percentage=30))
    hits = sum(plan.next().kind == "garbage" for _ in range(10_000))
    assert 2_800 < hits < 3_200
    assert (plan.calls, plan.hits) == (10_000, hits)


def test_no_percentage_hits_nothing():
    plan = FaultPlan(fault=Fault(kind="garbage", percentage=0))
    assert {plan.next().kind for _ in range(100)} == {"none"}


def test_calls_count_without_a_fault():
    plan = FaultPlan()
    plan.next()
    assert (plan.calls, plan.hits) == (1, 0)


def test_slow_calls_and_failing_calls_are_drawn_apart():
    plan = FaultPlan(random=Random(1))  # noqa: S311 - a seed makes it repeatable
    plan.replace(Fault(kind="reset", percentage=30, latency=2, slow_percentage=20))
    drawn = Counter((fault.kind, fault.latency) for fault in (plan.next() for _ in range(10_000)))
    assert {key: round(count, -2) / 100 for key, count in drawn.items()} == {
        ("none", 0): pytest.approx(56, abs=2),
        ("none", 2): pytest.approx(14, abs=2),
        ("reset", 0): pytest.approx(24, abs=2),
        ("reset", 2): pytest.approx(6, abs=2),
    }
