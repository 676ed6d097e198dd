"""Templates: compiled once, every value escaped."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot import __version__
from bot.texts import Translations
from bot.web.site.context import SiteAddress, get_context
from bot.web.site.csrf import Csrf
from bot.web.site.markup import format_paragraphs, translate, translate_plain
from bot.web.site.static_files import StaticFiles

_NOTICE = "notice"
_NOTICE_SECONDS = 60


class Renderer:
    def __init__(
        self, files: StaticFiles, csrf: Csrf, address: SiteAddress, translations: Translations
    ) -> None:
        self.address = address
        self._csrf = csrf
        self._environment = Environment(
            loader=PackageLoader("bot.web.site"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(
            asset=files.get_path,
            logo=files.find_logo(),
            languages=translations.get_names(),
            version=__version__,
        )
        self._environment.filters["paragraphs"] = format_paragraphs

    def render(
        self, request: web.Request, template: str, status: int, values: Mapping[str, Any]
    ) -> web.Response:
        context = get_context(request)
        texts = context.texts
        account = context.account

        def write_csrf() -> Markup:
            token = self._csrf.issue(context.browser, account.id if account else None)
            return Markup('<input type="hidden" name="csrf" value="{}">').format(token)

        notice = read_cookie(request, _NOTICE)
        html = self._environment.get_template(template).render(
            {
                "account": account,
                "company": context.company,
                "csrf_field": write_csrf,
                "lang": texts.locale,
                "notice": notice if texts.has(f"site-done-{notice}") else None,
                "path": request.path,
                "plain": lambda key, **variables: translate_plain(texts, key, **variables),
                "t": lambda key, **variables: translate(texts, key, **variables),
                "texts": texts,
                **values,
            }
        )
        response = web.Response(text=html, content_type="text/html", status=status)
        # Pages hold personal data: after «Выйти» the button «back» shows none of it.
        response.headers["Cache-Control"] = "no-store"
        if notice:
            remove_cookie(request, response, _NOTICE)
        return response


_RENDERER = web.AppKey("renderer", Renderer)


def attach_renderer(app: web.Application, renderer: Renderer) -> None:
    app[_RENDERER] = renderer


def render(request: web.Request, template: str, status: int = 200, **values: Any) -> web.Response:
    """A page from ``templates/``. In it ``t("key", name=…)`` gives a text of the person's language.

    ``plain`` gives one without markup, ``t(…)|paragraphs`` a longer one, ``csrf_field()`` the field
    that stands first in every form, ``asset("site.css")`` the path of a static file.
    """
    return request.app[_RENDERER].render(request, template, status, values)


def redirect(request: web.Request, location: str, *, notice: str | None = None) -> web.Response:
    """303; ``notice``: the next page shows the text ``site-done-{notice}``."""
    response = web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})
    if notice is not None:
        set_cookie(request, response, _NOTICE, notice, _NOTICE_SECONDS)
    return response


def read_cookie(request: web.Request, name: str) -> str:
    """The value of a cookie of ours; empty without it."""
    return request.cookies.get(request.app[_RENDERER].address.name_cookie(name), "")


def set_cookie(
    request: web.Request, response: web.StreamResponse, name: str, value: str, seconds: int
) -> None:
    """A cookie that no script reads and no other site sends with its forms."""
    request.app[_RENDERER].address.set_cookie(response, name, value, seconds)


def remove_cookie(request: web.Request, response: web.StreamResponse, name: str) -> None:
    address = request.app[_RENDERER].address
    response.del_cookie(address.name_cookie(name), path="/", secure=address.secure)
