"""A person's exported data: one HTML file, readable without a network or a program, and PDFs."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.domain import Contact, MeterKind, Request
from bot.formatting.company import Company
from bot.formatting.documents import build_receipt, build_registered_application
from bot.formatting.forms import format_label, format_raw_answer, format_title
from bot.formatting.readings import format_zone
from bot.formatting.values import escape, format_kwh
from bot.fsm.builtin_forms import get_builtin_forms
from bot.fsm.field_types import format_phone
from bot.fsm.model import FormId
from bot.request_types import Catalogue
from bot.services.documents import Documents
from bot.services.errors import DocumentUnavailable
from bot.texts import Texts, Translations

Rows = Sequence[Mapping[str, Any]]

_STYLE = (
    "body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }"
    " table { border-collapse: collapse; } th, td { border: 1px solid #bbb; padding: .3em .6em;"
    " text-align: left; vertical-align: top; } td { white-space: pre-wrap; }"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRenderer:
    """What an archive of ``PersonalDataService.build_archives`` is made of."""

    catalogue: Catalogue
    company: Company
    translations: Translations
    documents: Documents

    def render_summary(self, rows: Mapping[str, Rows]) -> tuple[str, str]:
        """In the language of the account."""
        (account,) = rows["accounts"]
        texts = self.translations.get_texts(account["locale"])
        return render_summary(rows, catalogue=self.catalogue, company=self.company, texts=texts)

    async def render_documents(self, request: Request) -> list[tuple[str, bytes]]:
        """Application and receipt of a request; one that cannot be made is left out."""
        staff_texts = self.translations.get_texts(self.translations.locales[0])
        texts = self.translations.get_texts(request.account.locale)
        made = []
        for document in (
            build_registered_application(request, self.catalogue, self.company, staff_texts),
            build_receipt(request, self.catalogue, self.company, texts),
        ):
            with suppress(DocumentUnavailable):
                data = await self.documents.render(document, request.account.id)
                made.append((document.file_name, data))
        return made


def render_summary(
    rows: Mapping[str, Rows], *, catalogue: Catalogue, company: Company, texts: Texts
) -> tuple[str, str]:
    """The name of the file and its HTML; ``rows`` are those of ``data.json``, by table."""
    title = texts("my-data")
    sections = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(company.name)}</p>",
        *_render_account(rows, company, texts),
        *_render_requests(rows, catalogue, company, texts),
        *_render_drafts(rows, catalogue, company, texts),
        *_render_readings(rows, company, texts),
        *_render_consents(rows, company, texts),
        *_render_accesses(rows, company, texts),
    ]
    html = (
        f'<!doctype html>\n<html lang="{texts.locale}">\n<head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(sections)
        + "\n</body>\n</html>\n"
    )
    return f"{title}.html", html


def _render_account(rows: Mapping[str, Rows], company: Company, texts: Texts) -> list[str]:
    pairs: list[tuple[str, str]] = []
    for one in rows["accounts"]:
        pairs += [
            ("category", texts(f"choice-registration-category-{one['category']}")),
            ("name", one["name"]),
            ("email", one["email"]),
            ("phone", format_phone(one["phone"], texts.locale)),
            ("language", one["locale"]),
            ("since", company.format_minute(one["created_at"])),
            ("answers", texts(f"answer-channel-{one['answer_channel'] or 'none'}")),
        ]
    pairs += [
        (
            f"former-{one['what']}",
            format_phone(one["former"], texts.locale)
            if one["what"] == Contact.PHONE
            else one["former"],
        )
        for one in rows["contact_changes"]
        if one["changed_at"] is not None
    ]
    pairs += [("telegram", str(one["chat_id"])) for one in rows["chats"]]
    return [_render_pairs((texts(f"my-data-{key}"), words) for key, words in pairs)]


def _render_requests(
    rows: Mapping[str, Rows], catalogue: Catalogue, company: Company, texts: Texts
) -> list[str]:
    parts = [_render_heading("my-data-requests", texts)] if rows["requests"] else []
    for request in rows["requests"]:
        found = catalogue.find(request["type_code"])
        title = found.title[texts.locale] if found else request["type_code"]
        pairs = [
            (texts("my-data-status"), texts(f"status-{request['status']}")),
            (texts("my-data-registered"), company.format_minute(request["registered_at"])),
            (texts("my-data-due"), company.format_due(request["review_due"], request["due_at"])),
            *((one["label"], one["value"]) for one in _select_rows(rows["answers"], request)),
            (texts("request-text"), request["text"]),
        ]
        if request["rating"] is not None:
            pairs.append((texts("my-data-rating"), str(request["rating"])))
        parts.append(f"<h3>{texts('numbered', number=request['number'])} · {escape(title)}</h3>")
        parts.append(_render_pairs(pairs))
        parts += _render_list(
            "my-data-history",
            (
                (
                    company.format_minute(one["at"]),
                    texts(f"my-data-by-{one['actor']}"),
                    texts(f"status-{one['status']}"),
                    one["comment"],
                )
                for one in _select_rows(rows["history"], request)
            ),
            texts,
        )
        parts += _render_list(
            "my-data-messages",
            (
                (
                    company.format_minute(one["at"]),
                    texts(f"my-data-by-{one['author']}"),
                    one["text"],
                    one["file_name"] or "",
                )
                for one in _select_rows(rows["request_messages"], request)
            ),
            texts,
        )
        for key, from_staff in (("my-data-scans", False), ("my-data-documents", True)):
            parts += _render_list(
                key,
                [
                    (company.format_minute(one["stored_at"]), one["name"])
                    for one in _select_rows(rows["files"], request)
                    if one["from_staff"] is from_staff
                ],
                texts,
            )
    return parts


def _render_drafts(
    rows: Mapping[str, Rows], catalogue: Catalogue, company: Company, texts: Texts
) -> list[str]:
    parts = [_render_heading("my-data-drafts", texts)] if rows["drafts"] else []
    for draft in rows["drafts"]:
        form_id = FormId.parse(draft["form"])
        title = format_title(form_id, catalogue, texts)
        parts.append(f"<h3>{escape(title)} · {company.format_minute(draft['changed_at'])}</h3>")
        form = get_builtin_forms().get(form_id.name) or catalogue.find_form(form_id)
        if form is not None:
            answers = draft["answers"]
            given = [field for field in form.fields if field.key in answers]
            parts.append(
                _render_pairs(
                    (
                        format_label(form, field, texts),
                        format_raw_answer(form, field, answers[field.key], texts),
                    )
                    for field in given
                )
            )
    return parts


def _render_readings(rows: Mapping[str, Rows], company: Company, texts: Texts) -> list[str]:
    parts = []
    for meter in rows["meters"]:
        readings = [one for one in rows["readings"] if one["meter_id"] == meter["id"]]
        number = texts("numbered", number=escape(meter["number"]))
        place = f" · {meter['place']}" if meter["place"] else ""
        parts.append(f"<h3>{number}{escape(place)}</h3>")
        parts += _render_list(
            None,
            (
                (
                    f"{one['day']:%d.%m.%Y}",
                    company.format_minute(one["submitted_at"]),
                    _format_zones(one["kind"], one["values"], texts),
                    "; ".join(
                        photo["name"] for photo in rows["files"] if photo["reading_id"] == one["id"]
                    ),
                )
                for one in readings
            ),
            texts,
        )
    return [_render_heading("my-data-readings", texts), *parts] if parts else []


def _render_consents(rows: Mapping[str, Rows], company: Company, texts: Texts) -> list[str]:
    return _render_list(
        "my-data-consents",
        (
            (_format_moment(one["accepted_at"], company), one["version"], one["text"])
            for one in rows["consents"]
        ),
        texts,
        level=2,
    )


def _render_accesses(rows: Mapping[str, Rows], company: Company, texts: Texts) -> list[str]:
    """Who had to do with the data and when, without names of the staff."""
    return _render_list(
        "my-data-audit",
        (
            (
                company.format_minute(one["at"]),
                texts(f"my-data-by-{one['actor']}"),
                _format_action(one["action"], texts),
            )
            for one in rows["audit"]
        ),
        texts,
        level=2,
    )


def _format_action(action: str, texts: Texts) -> str:
    """A change of a status has its code; a code without a text is shown as it is."""
    keys = (f"my-data-action-{action}", f"status-{action}")
    return next((texts(key) for key in keys if texts.has(key)), action)


def _select_rows(rows: Rows, request: Mapping[str, Any]) -> Rows:
    return [one for one in rows if one["request_id"] == request["id"]]


def _format_moment(moment: datetime | None, company: Company) -> str:
    return company.format_minute(moment) if moment else ""


def _format_zones(kind: str, values: Sequence[Decimal], texts: Texts) -> str:
    meter_kind = MeterKind(kind)
    return "; ".join(
        f"{format_zone(meter_kind, zone, texts)} {format_kwh(value, texts)}"
        for zone, value in zip(meter_kind.zones, values, strict=True)
    )


def _render_heading(key: str, texts: Texts) -> str:
    return f"<h2>{escape(texts(key))}</h2>"


def _render_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    rows = "\n".join(
        f'<tr><th scope="row">{escape(label)}</th><td>{escape(words)}</td></tr>'
        for label, words in pairs
    )
    return f"<table>\n{rows}\n</table>"


def _render_list(
    key: str | None, lines: Iterable[Sequence[str]], texts: Texts, *, level: int = 4
) -> list[str]:
    """A table below its heading; nothing when there are no lines."""
    rows = [
        "<tr>" + "".join(f"<td>{escape(words)}</td>" for words in line) + "</tr>" for line in lines
    ]
    if not rows:
        return []
    heading = [f"<h{level}>{escape(texts(key))}</h{level}>"] if key else []
    return [*heading, "<table>\n" + "\n".join(rows) + "\n</table>"]
