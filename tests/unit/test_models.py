"""The partial indexes of the models hold what the domain says and the migrations have made."""

from sqlalchemy import Table

from bot.db.models import AnswerRow, Base, RequestRow


def _read_conditions(model: type[Base]) -> dict[str, str]:
    table = model.__table__
    assert isinstance(table, Table)
    return {
        str(index.name): str(index.dialect_options[dialect]["where"])
        for index in table.indexes
        for dialect in ("sqlite", "postgresql")
        if index.dialect_options[dialect]["where"] is not None
    }


def test_a_change_of_the_open_statuses_needs_a_migration() -> None:
    is_open = "status IN ('registered', 'in_work', 'clarification')"
    assert _read_conditions(RequestRow) == {
        "ix_requests_running": "status IN ('registered', 'in_work')",
        "ix_requests_running_emergencies": (
            "status IN ('registered', 'in_work') AND due_at IS NOT NULL"
        ),
        "ix_requests_open_assignee": is_open,
        "ix_requests_open_type": is_open,
        "ix_requests_open_due": is_open,
        "ix_requests_open_type_due": is_open,
        "ix_requests_open_status_due": is_open,
        "ix_requests_open_counts": is_open,
        "ix_requests_new": "status IN ('registered', 'in_work') AND assignee_id IS NULL",
        "ix_requests_reminders": "remind_at IS NOT NULL",
        "ix_requests_answer_checks": "answer_check_at IS NOT NULL",
    }
    assert _read_conditions(AnswerRow) == {"ix_answers_meter": "key = 'meter_number'"}
