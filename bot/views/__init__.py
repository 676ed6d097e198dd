"""Screens, cards and letters: domain objects and texts become words and buttons. Pure."""

from bot.views import (
    askue,
    auth,
    cards,
    emails,
    forms,
    menus,
    profile,
    readings,
    request_messages,
    request_reports,
    requests,
)
from bot.views.view import Company, View

__all__ = [
    "Company",
    "View",
    "askue",
    "auth",
    "cards",
    "emails",
    "forms",
    "menus",
    "profile",
    "readings",
    "request_messages",
    "request_reports",
    "requests",
]
