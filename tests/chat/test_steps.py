"""What an ordinary step costs the database."""

from bot.domain import Category
from bot.request_types import load
from tests.chat.test_repeats import statements
from tests.support.form_filler import opened, questions
from tests.support.in_process import ON_SQLITE, InProcessCabinet

FORM = load().get_form("tech_connection", Category.INDIVIDUAL)


@ON_SQLITE
async def test_a_step_of_a_form_is_three_statements(cabinet: InProcessCabinet) -> None:
    phone = await opened(cabinet, FORM)
    costs = {}
    with statements(cabinet) as said:
        async for question in questions(phone, FORM, cabinet.today):
            costs[question.key] = len(said)
            said.clear()
    # The first one belongs to the step that opened the form.
    del costs[FORM.fields[0].key]
    assert len(costs) > 5
    assert {key: cost for key, cost in costs.items() if cost > 3} == {}
