"""The environment of a process that tests start as an operator would."""

import os
from collections.abc import Mapping

#: Settings of the test's own environment, which the bot must not see.
_PREFIXES = ("BOT_", "STAFF_", "SMTP_", "MAIL_", "DATABASE_", "WEBHOOK_", "ASKUE_", "REDIS_")


def build_bare_environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_PREFIXES)}
