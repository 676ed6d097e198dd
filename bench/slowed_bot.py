"""``main.py run`` for callgrind, which makes it fifty times slower: longer is what takes long.

Otherwise the inbox would store every update, as none is handled within a second.
"""

import bot.telegram.lazy_models  # noqa: F401 (before aiogram)
from bot.telegram import inbox
from main import main

_SLOWER = 50

if __name__ == "__main__":
    inbox.STORE_AFTER_SECONDS *= _SLOWER
    inbox.STORE_IN_CROWD_SECONDS *= _SLOWER
    raise SystemExit(main())
