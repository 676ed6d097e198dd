"""The site over the in-process bot, and a browser without JavaScript that uses it."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import ClientResponse, ClientSession, CookieJar, FormData

from bot.domain import Account, Category
from bot.web.listening import listen
from tests.support.in_process import PASSWORD, InProcessCabinet
from tests.support.no_break_spaces import read_spaces
from tests.support.world import find_free_port


def choose_site_address() -> dict[str, Any]:
    """The settings that switch the site on, on a free port."""
    port = find_free_port()
    return {"site_url": f"http://127.0.0.1:{port}", "site_port": port}


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePage:
    """An answer of the site. ``text`` is what a person reads; ``location`` where it redirects."""

    status: int
    html: str
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    async def read(cls, answer: ClientResponse) -> Self:
        body = await answer.read()
        words = body.decode() if answer.content_type == "text/html" else ""
        return cls(status=answer.status, html=words, headers=answer.headers, body=body)

    @property
    def text(self) -> str:
        without_tags = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", self.html, flags=re.DOTALL)
        return " ".join(read_spaces(html.unescape(without_tags)).split())

    @property
    def location(self) -> str | None:
        return self.headers.get("Location")

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.html)
        assert found, self.html
        return found[1]

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, by field."""
        found = re.findall(r'id="error-([^"]+)"[^>]*>(.*?)</', self.html, re.DOTALL)
        return {name: read_spaces(html.unescape(words)).strip() for name, words in found}

    def get_value(self, name: str) -> str:
        """What stands in a field."""
        found = re.search(rf'name="{re.escape(name)}"[^>]*?value="([^"]*)"', self.html)
        return html.unescape(found[1]) if found else ""


class SiteClient:
    """A browser: keeps cookies, follows no redirect, sends the ``csrf`` of its newest page."""

    def __init__(self, url: str, session: ClientSession) -> None:
        self.url = url
        self.session = session
        self.page: SitePage | None = None

    async def get(self, path: str, **about: Any) -> SitePage:
        return await self._send("GET", path, **about)

    async def post(
        self,
        path: str,
        fields: Mapping[str, Any] | FormData | None = None,
        *,
        csrf: str | None = None,
        **about: Any,
    ) -> SitePage:
        """``fields`` follow the CSRF token; a FormData is sent as it is."""
        if not isinstance(fields, FormData):
            if csrf is None:
                csrf = (self.page or await self.get("/")).csrf
            fields = {"csrf": csrf, **(fields or {})}
        about.setdefault("headers", {"Origin": self.url})
        return await self._send("POST", path, data=fields, **about)

    async def follow(self, page: SitePage) -> SitePage:
        """The page that a redirect leads to."""
        assert page.status == 303, (page.status, page.text)
        assert page.location is not None
        return await self.get(page.location)

    async def log_in(self, email: str, password: str = PASSWORD) -> SitePage:
        await self.get("/")
        page = await self.post("/", {"email": email, "password": password})
        return await self.follow(page)

    def end_session(self) -> None:
        """As when it was not used for too long: its cookie is of no session any more."""
        self.session.cookie_jar.clear(lambda cookie: cookie.key.endswith("session"))

    async def log_in_again(self, asked: SitePage, email: str) -> SitePage:
        """After a form was sent without a session: the page that the access form leads back to."""
        access = await self.follow(asked)
        assert "Всё, что вы написали, сохранено" in access.text
        fields = {"email": email, "password": PASSWORD, "next": access.get_value("next")}
        page = await self.follow(await self.post("/", fields))
        return page if page.status == 200 else await self.follow(page)

    async def _send(self, method: str, path: str, **about: Any) -> SitePage:
        sent = self.session.request(method, f"{self.url}{path}", allow_redirects=False, **about)
        async with sent as answer:
            page = await SitePage.read(answer)
        if 'name="csrf"' in page.html:
            self.page = page
        return page


class Site:
    """The served site; each client is a browser of its own."""

    def __init__(self, cabinet: InProcessCabinet, url: str, stack: AsyncExitStack) -> None:
        self.cabinet = cabinet
        self.url = url
        self._stack = stack

    async def open_client(self) -> SiteClient:
        jar = CookieJar(unsafe=True)
        session = await self._stack.enter_async_context(ClientSession(cookie_jar=jar))
        return SiteClient(self.url, session)

    async def add_account(
        self,
        email: str = "ivanova@example.ru",
        name: str = "Иванова Анна Петровна",
        category: Category = Category.INDIVIDUAL,
    ) -> Account:
        """An account with ``PASSWORD`` as its own password."""
        account = await self.cabinet.add_account(email, name, category)
        hashed = await self.cabinet.hasher.hash(PASSWORD)
        async with self.cabinet.app.database.begin() as tx:
            await tx.accounts.set_password(account.id, hashed, temporary=False)
        return account

    async def add_consumer(
        self, email: str = "ivanova@example.ru", name: str = "Иванова Анна Петровна"
    ) -> SiteClient:
        """A browser that is logged in to a new account, at the main menu."""
        await self.add_account(email, name)
        client = await self.open_client()
        await client.log_in(email)
        return client


@asynccontextmanager
async def serve_site(cabinet: InProcessCabinet) -> AsyncIterator[Site]:
    """Serves the site of a cabinet that runs with ``choose_site_address``."""
    site, url, port = cabinet.app.site, cabinet.settings["site_url"], cabinet.settings["site_port"]
    assert site is not None
    runner = await listen(site, "127.0.0.1", port, shutdown_timeout=0.1)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runner.cleanup)
        yield Site(cabinet, url, stack)
