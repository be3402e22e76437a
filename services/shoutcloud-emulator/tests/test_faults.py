from random import Random

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
