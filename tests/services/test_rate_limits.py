"""How much one person may do, and what is kept of it."""

import json

import pytest

from bot.services.rate_limits import LimitedAction, RateLimit, RateLimiter, RateLimitExceeded

FILES, MESSAGES = LimitedAction.FILES, LimitedAction.MESSAGES
QUOTAS = {what: RateLimit(times=3, seconds=90) for what in LimitedAction}
START = 1_700_000_000


def build_later(rate_limiter: RateLimiter, seconds: float) -> RateLimiter:
    """The allowance as the next update finds it, by way of the conversation's JSON."""
    kept = json.loads(json.dumps(rate_limiter.windows))
    return RateLimiter(QUOTAS, kept, START + seconds)


def build_spent(times: int = 3) -> RateLimiter:
    rate_limiter = RateLimiter(QUOTAS, {}, START)
    for _ in range(times):
        rate_limiter.spend(FILES)
    return rate_limiter


def test_a_limit_ends_with_its_window() -> None:
    with pytest.raises(RateLimitExceeded) as used_up:
        build_later(build_spent(), 20).spend(FILES)
    assert (used_up.value.what, used_up.value.minutes) == (FILES, 2)
    with pytest.raises(RateLimitExceeded) as used_up:
        build_later(build_spent(), 89.9).spend(FILES)
    assert used_up.value.minutes == 1
    build_later(build_spent(), 90).spend(FILES)


def test_limits_do_not_meet_and_the_last_one_is_free() -> None:
    build_spent().spend(MESSAGES)
    build_later(build_spent(2), 89).spend(FILES)


def test_a_person_is_told_once_in_a_window() -> None:
    rate_limiter = build_spent()
    assert rate_limiter.tell(FILES)
    rate_limiter = build_later(rate_limiter, 30)
    assert not rate_limiter.tell(FILES)
    rate_limiter = build_later(rate_limiter, 90)
    assert rate_limiter.windows == {}


def test_a_clock_set_back_silences_nobody() -> None:
    build_later(build_spent(), -3600).spend(FILES)
    build_later(build_spent(), +3600).spend(FILES)
