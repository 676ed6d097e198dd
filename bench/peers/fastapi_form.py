"""The registration of the site by FastAPI, Jinja2 and pydantic, with a CSRF token by HMAC."""

import hashlib
import hmac
import re
import secrets
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse
from jinja2 import DictLoader, Environment

from bench.peers.registration_page import PAGE, list_errors

KEY = secrets.token_bytes(32)
app = FastAPI()
template = Environment(loader=DictLoader({"page": PAGE}), autoescape=True).get_template("page")


def sign(browser: str) -> str:
    return hmac.new(KEY, browser.encode(), hashlib.sha256).hexdigest()


def render(
    browser: str, values: dict[str, str], errors: dict[str, str], status: int = 200
) -> HTMLResponse:
    field = f'<input type="hidden" name="csrf" value="{sign(browser)}">'
    answer = HTMLResponse(template.render(csrf=field, values=values, errors=errors), status)
    answer.set_cookie("browser", browser, httponly=True, samesite="lax")
    return answer


@app.get("/register")
async def show(request: Request) -> HTMLResponse:
    return render(request.cookies.get("browser") or secrets.token_hex(16), {}, {})


@app.post("/register")
async def register(
    request: Request,
    csrf: Annotated[str, Form()] = "",
    consent: Annotated[str, Form()] = "",
    category: Annotated[str, Form()] = "",
    full_name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    phone: Annotated[str, Form()] = "",
) -> HTMLResponse:
    browser = request.cookies.get("browser", "")
    if not re.fullmatch(r"\w+", browser) or not hmac.compare_digest(csrf, sign(browser)):
        return HTMLResponse("refused", 403)
    values = {
        "consent": consent,
        "category": category,
        "full_name": full_name,
        "email": email,
        "phone": phone,
    }
    return render(browser, values, list_errors(values), 422)
