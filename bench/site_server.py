"""The site alone, over the database of the settings: ``python -m bench.site_server``.

The bot's other work would change that database, which other parts measure as well.
"""

import asyncio
import gc

import uvloop

from bot.app import factories
from bot.app.container import build_application
from bot.settings import Settings
from bot.web.listening import listen


async def serve() -> None:
    settings = Settings()
    bot, mailer = factories.build_bot(settings), factories.build_mailer(settings)
    async with build_application(settings, bot=bot, notices_bot=bot, mailer=mailer) as app:
        if app.site is None:
            raise ValueError("SITE_URL is missing")
        await listen(app.site, settings.site_host, settings.site_port, shutdown_timeout=1)
        gc.collect()
        gc.freeze()
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve())
