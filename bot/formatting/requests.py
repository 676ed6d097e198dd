"""Formatting of requests."""

from collections.abc import Mapping

from bot.domain import OWN_ANSWERS, Answer
from bot.fsm import field_types
from bot.fsm.model import SKIPPED, Form, list_visible
from bot.texts import Texts


def format_answers(form: Form, raw: Mapping[str, str], texts: Texts) -> tuple[Answer, ...]:
    """The type's own answers as they were shown; text and scans are stored apart."""
    return tuple(
        Answer(
            key=field.key,
            label=field.label[texts.locale] if field.label else field.key,
            value=field_types.show(raw[field.key], field, texts.locale),
        )
        for field in list_visible(form.fields, raw)
        if field.key not in OWN_ANSWERS and raw.get(field.key, SKIPPED) != SKIPPED
    )
