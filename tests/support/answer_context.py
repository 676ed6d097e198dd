"""What the types of fields know when they read an answer."""

from datetime import date, timedelta

from bot.fsm.field_types import AnswerContext

#: No profile and no other answers; every day is a working day.
ANSWER_CONTEXT = AnswerContext(
    today=date(2026, 11, 24),
    profile={},
    working_day_after=lambda day, days: day + timedelta(days=days),
    answers={},
)
