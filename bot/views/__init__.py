"""Views: domain objects and texts become messages with keyboards, and emails. No I/O."""

from bot.views import (
    askue,
    assignments,
    auth,
    cards,
    emails,
    forms,
    loose_messages,
    menus,
    profile,
    reading_uploads,
    readings,
    request_messages,
    request_reports,
    requests,
)
from bot.views.view import View

__all__ = [
    "View",
    "askue",
    "assignments",
    "auth",
    "cards",
    "emails",
    "forms",
    "loose_messages",
    "menus",
    "profile",
    "reading_uploads",
    "readings",
    "request_messages",
    "request_reports",
    "requests",
]
