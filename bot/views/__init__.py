"""Screens, cards and letters: domain objects and texts become words and buttons. Pure."""

from bot.views import (
    askue,
    auth,
    cards,
    forms,
    ledger,
    letters,
    menus,
    profile,
    readings,
    requests,
    talk,
)
from bot.views.view import Company, View

__all__ = [
    "Company",
    "View",
    "askue",
    "auth",
    "cards",
    "forms",
    "ledger",
    "letters",
    "menus",
    "profile",
    "readings",
    "requests",
    "talk",
]
