"""What `make bench` says of a goal."""

from pathlib import Path

import pytest

from bench import goals
from bench.goals import Goal


@pytest.fixture(autouse=True)
def _last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(goals, "LAST", tmp_path / "data/bench.json")


def test_a_goal_is_the_median_of_its_rounds_and_half_their_range() -> None:
    goal = Goal("ratio", [1.4, 1.2, 1.6], 1.5)
    assert str(goal) == "| ratio | 1.40 ± 0.20 | ≤ 1.5 | met |"
    assert str(Goal("rest", [1.6], 1.5, "MB", finest=0.1)) == (
        "| rest | 1.60 ± 0.10 MB | ≤ 1.5 MB | **NOT MET** |"
    )
    assert not Goal("share", [0.9], 0.95, at_least=True).met


def test_a_run_is_compared_with_the_one_before() -> None:
    assert "the run before" not in "\n".join(goals.format_table([Goal("a", [1.0, 1.2], 2)]))
    goals.save([Goal("a", [1.0, 1.2], 2), Goal("b", [5.0, 5.2], 2)])
    # Spreads that touch agree, and what was not measured again stays.
    goals.save([Goal("a", [1.2, 1.4], 2)])
    *rows, _, met, agree = goals.format_table(
        [Goal("a", [1.41, 1.61], 2), Goal("b", [5.1, 5.3], 2), Goal("c", [1.0], 2)]
    )
    assert [row.split("|")[5].split()[0] for row in rows[2:]] == ["**differs**:", "agrees:", "—"]
    assert met == "2 of 3 goals are met"
    assert agree == "1 of 2 agree with the run before within the spreads of both"


def test_the_spread_of_a_time_is_no_less_than_the_drift_of_the_machine() -> None:
    assert Goal("start", [1.0, 1.0, 1.1], 1.5, "s").spread == 0.25
    assert Goal("start", [1.0, 1.5, 2.0], 1.5, "s").spread == 0.5
    assert Goal("step", [2.0, 2.0, 2.1], 1.5, "×").spread == 0.24
