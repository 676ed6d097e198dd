"""Tests see aiogram as the bot does."""

import bot.aiogram_models  # noqa: F401 (before the tests import aiogram)
