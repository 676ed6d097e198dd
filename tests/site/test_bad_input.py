"""Whatever is put into any address and any field of the site, a page answers it."""

import re
from urllib.parse import quote, urlencode

import pytest
from aiohttp import FormData, web

from bot.request_types import load
from tests.support.filed import file_request, get_account, submit_reading
from tests.support.site import Site, SiteClient, SitePage

#: It goes where other tests have been, hundreds of times.
pytestmark = pytest.mark.no_cover

EMAIL = "ivanova@example.ru"
STRANGE = {
    "nothing": "",
    "unseen": " \n\t\u00a0\u200b\u2060\ufeff\u202eمرحبا",
    "a line end and NUL": "Петров\r\nBcc: all@example.ru\0",
    "beyond the plane": "🙂\U0010ffff\ud7ff",
    "markup, SQL, a path": "../../etc'; DROP TABLE files; -- \"><script>alert(1)</script>{{7}}",
    "too long": "x" * 4097,
    "a number of more than 64 bits": str(2**63),
    "a long number": "9" * 40,
    "a negative number": "-1",
    "digits of other alphabets": "²٣४",
    "infinite": "1e400",
}
#: What a database may refuse by itself.
REFUSED = {
    name: value
    for name, value in STRANGE.items()
    if "NUL" in name or "plane" in name or "number" in name
}
#: Fields that no page shows now, as an earlier step has to come first.
HIDDEN = {"code", "confirmed", "init_data", "session", "email_kept", "new", "repeat", "act"}
WITH_FILES = re.compile(r"/files$|/messages$|/upload$|/requests/new/|/readings/new$")


@pytest.mark.parametrize(
    ("cabinet", "tried"),
    [("sqlite", STRANGE), ("postgresql", REFUSED)],
    indirect=["cabinet"],
    ids=["sqlite", "postgresql"],
)
async def test_every_page_answers_whatever_it_is_given(site: Site, tried: dict[str, str]) -> None:
    client = await site.add_consumer(EMAIL)
    account = await get_account(site, EMAIL)
    request = await file_request(site, account)
    reading = await submit_reading(site, account, 100)
    real = {"number": request.number, "meter": f"{reading.meter.id}", "type": "tech_connection"}
    paths = {method: sorted(find_paths(site, method)) for method in ("GET", "POST")}
    assert min(len(one) for one in paths.values()) > 25
    fields = HIDDEN | await list_fields(client)
    assert {"email", "password", "draft", "text", "place", "violation_kind"} <= fields
    for name, strange in tried.items():
        for path in paths["GET"]:
            # A whole address has at most 8 KB.
            asked = dict.fromkeys(("page", "meter", "kind", "next", "from"), strange[:1000])
            query = urlencode(asked)
            address = re.sub(r"{\w+}", quote(strange[:1000], safe="") or "%20", path)
            check(await client.get(f"{address}?{query}"), f"{path}, {name}")
        for path in paths["POST"]:
            address = re.sub(r"{(\w+)}", lambda found: real.get(found[1], "place"), path)
            about = dict.fromkeys(fields - {"csrf"}, strange)
            check(await client.post(address, about), f"{path}, {name}")
            if WITH_FILES.search(path):
                check(await client.post(address, build_upload(client, strange)), f"{path}, {name}")
    for one in load().types:
        for name, strange in tried.items():
            for act in ("next", f"remove:{strange}"):
                about = {**dict.fromkeys(fields - {"csrf"}, strange), "act": act}
                page = await client.post(f"/requests/new/{one.code}", about)
                check(page, f"{one.code}, {act}, {name}")
    # Whoever asked is still logged in: the pages were those of the cabinet, not of a guest.
    assert (await client.get("/profile")).status == 200
    assert await site.cabinet.count_requests() == 1


def list_routes(site: Site) -> list[web.AbstractRoute]:
    assert site.cabinet.app.site is not None
    return list(site.cabinet.app.site.router.routes())


def find_paths(site: Site, method: str) -> set[str]:
    """All but the end of the session, behind which there would be nothing to try."""
    return {
        route.resource.canonical
        for route in list_routes(site)
        if route.resource is not None
        and route.method == method
        and route.resource.canonical != "/logout"
    }


async def list_fields(client: SiteClient) -> set[str]:
    """The names of all fields of the pages that lead to forms."""
    places = [f"/requests/new/{one.code}" for one in load().types]
    places += ["/", "/register", "/forgot", "/embed", "/profile", "/profile/email", "/readings"]
    places += ["/profile/deletion", "/readings/new?kind=three_zones", "/askue", "/readings/1"]
    pages = [await client.get(place) for place in places]
    guest = SiteClient(client.url, client.session)
    pages.append(await guest.get("/embed"))
    return {name for page in pages for name in re.findall(r' name="([^"]+)"', page.html)}


def build_upload(client: SiteClient, strange: str) -> FormData:
    assert client.page is not None
    form = FormData({"csrf": client.page.csrf, "act": "attach"}, quote_fields=False)
    # Browsers escape what would end the header.
    name = re.sub(r"[\x00-\x1f\"]", lambda found: quote(found[0]), strange)
    form.add_field("scans", strange.encode(), filename=name, content_type="application/pdf")
    return form


def check(page: SitePage, about: str) -> None:
    assert page.status < 500, about
    assert "<script>alert" not in page.html, about
    if page.status >= 400:
        assert "<h1>" in page.html or 'id="error-scans"' in page.html, (about, page.body)
