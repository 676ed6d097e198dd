"""The grid company, as texts and pages name it."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The grid company, as the texts name it."""

    name: str
    support_phone: str
    support_email: str
    privacy_policy_url: str
    timezone: ZoneInfo
    consent_version: str
    inn: str
    address: str
    #: ``#rrggbb``, of the head and the buttons of emails.
    color: str
    #: Of the cabinet on the site; None: there is none.
    site_url: str | None = None

    def format_day(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.timezone):%d.%m.%Y}"

    def format_minute(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.timezone):%d.%m.%Y %H:%M}"

    def format_due(self, due: date, due_at: datetime | None) -> str:
        """The day of an answer; the minute of the answer to an emergency."""
        return self.format_minute(due_at) if due_at else f"{due:%d.%m.%Y}"
