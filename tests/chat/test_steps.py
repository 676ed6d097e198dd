"""What an ordinary step costs the database."""

import pytest

from bot.domain import Category
from bot.request_types import load
from tests.support.form_filler import answer_questions, start_form
from tests.support.in_process import InProcessCabinet
from tests.support.statement_recorder import record_statements

FORM = load().get_form("tech_connection", Category.INDIVIDUAL)


@pytest.mark.parametrize("cabinet", ["sqlite", "postgresql"], indirect=True)
async def test_a_step_of_a_form_is_three_statements(cabinet: InProcessCabinet) -> None:
    phone = await start_form(cabinet, FORM)
    costs = {}
    with record_statements(cabinet.app.database) as statements:
        async for question in answer_questions(phone, FORM, cabinet.today):
            costs[question.key] = len(statements)
            statements.clear()
    # The first one belongs to the step that opened the form.
    del costs[FORM.fields[0].key]
    assert len(costs) > 5
    assert {key: cost for key, cost in costs.items() if cost > 3} == {}
