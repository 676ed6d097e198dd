"""The policy of the login throttle: pure."""

from datetime import UTC, datetime, timedelta

from bot.services.throttling import Failures, ThrottlePolicy

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
POLICY = ThrottlePolicy()


def fail(times: int, failures: Failures | None = None, at: datetime = NOW) -> Failures:
    failures = failures or Failures()
    for _ in range(times):
        failures = POLICY.add(failures, at)
    return failures


def test_delays_grow_to_their_limit_and_no_further() -> None:
    assert POLICY.compute_delay(2) == timedelta()
    assert POLICY.compute_delay(3) == timedelta(seconds=30)
    assert POLICY.compute_delay(8) == POLICY.compute_delay(10**9) == timedelta(minutes=15)


def test_free_tries_block_nothing_and_the_longest_block_counts() -> None:
    assert POLICY.find_block({"pair": fail(2), "chat": Failures()}, NOW) is None
    blocked = POLICY.find_block({"pair": fail(3), "chat": fail(4)}, NOW)
    assert blocked == NOW + timedelta(seconds=60)
    assert POLICY.find_block({"pair": fail(3)}, NOW + timedelta(seconds=30)) is None


def test_failures_are_forgotten_after_a_quiet_day() -> None:
    later = NOW + timedelta(days=1, minutes=1)
    assert POLICY.count(fail(3), NOW + timedelta(hours=23)) == 3
    assert POLICY.count(fail(3), later) == 0
    assert POLICY.add(fail(3), later) == Failures(1, later)


def test_a_series_begins_once_and_lasts_as_long_as_failures_come() -> None:
    ninth, tenth, eleventh = fail(9), fail(10), fail(11)
    assert [POLICY.is_series_start(one) for one in (ninth, tenth, eleventh)] == [False, True, False]
    assert [POLICY.is_series(one, NOW) for one in (ninth, tenth, eleventh)] == [False, True, True]
    assert not POLICY.is_series(tenth, NOW + timedelta(days=2))
