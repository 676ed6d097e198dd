"""Views of escalations: what the heads of the staff are told in private and by email.

They name no consumer, so that an erasure has nothing to find there.
"""

from collections.abc import Sequence
from datetime import date

from bot.db.request_reports import ReportLine
from bot.domain import Delay
from bot.formatting.values import MISSING, escape
from bot.integrations.smtp import Email
from bot.request_types import Catalogue
from bot.texts import Texts
from bot.views.email_layout import Paragraph, render_html, render_text
from bot.views.emails import Letterhead
from bot.views.view import View, join_groups, split_pages


def render_escalation(
    lines: Sequence[ReportLine], delay: Delay, today: date, catalogue: Catalogue, texts: Texts
) -> tuple[View, ...]:
    heading = texts(f"escalation-{delay}", count=len(lines))
    shown = [escape(_format_line(one, today, catalogue, texts)) for one in lines]
    return split_pages(join_groups([f"<b>{heading}</b>", *shown]), None)


def build_escalation_email(
    to: str,
    lines: Sequence[ReportLine],
    delay: Delay,
    today: date,
    catalogue: Catalogue,
    head: Letterhead,
    texts: Texts,
) -> Email:
    subject = texts(f"escalation-{delay}", count=len(lines))
    content = [
        Paragraph(subject),
        *(Paragraph(_format_line(one, today, catalogue, texts)) for one in lines),
        Paragraph(texts("escalation-next")),
    ]
    return Email(
        to=to,
        subject=f"{subject}. {head.company.name}",
        text=render_text(head.company.name, content),
        html=render_html(head.company.name, head.company.color, subject, texts.locale, content),
    )


def _format_line(one: ReportLine, today: date, catalogue: Catalogue, texts: Texts) -> str:
    return texts(
        "escalation-line",
        number=one.number,
        type=catalogue.get(one.type_code).button[texts.locale],
        due=f"{one.review_due:%d.%m.%Y}",
        days=max((today - one.review_due).days, 0),
        assignee=one.assignee.name if one.assignee else MISSING,
    )
