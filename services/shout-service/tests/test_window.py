import pytest

from shout_service.window import Window


@pytest.fixture
def window(clock):
    return Window(size=4, max_age=60, minimum=2, clock=clock)


def test_too_few_calls_say_nothing(window):
    window.add(failed=True, slow=True)
    assert (window.failure_rate, window.slow_rate) == (0, 0)


def test_rates_are_shares_of_the_calls(window):
    for failed, slow in [(True, False), (False, False), (False, True), (False, True)]:
        window.add(failed=failed, slow=slow)
    assert (window.failure_rate, window.slow_rate) == (0.25, 0.5)


def test_only_the_last_calls_count(window):
    for failed in [True, True, False, False, False, False]:
        window.add(failed=failed, slow=False)
    assert window.failure_rate == 0


def test_old_calls_do_not_count(window, clock):
    window.add(failed=True, slow=False)
    window.add(failed=True, slow=False)
    clock.now += 60
    window.add(failed=False, slow=False)
    window.add(failed=False, slow=False)
    assert window.failure_rate == 0


def test_clearing_forgets_all(window):
    window.add(failed=True, slow=False)
    window.add(failed=True, slow=False)
    window.clear()
    assert window.failure_rate == 0
