"""The registration of the site by Django: its forms, templates and protection of forms."""

import secrets

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import engines
from django.urls import path
from django.utils.safestring import mark_safe

from bench.peers.registration_page import PAGE, list_errors

settings.configure(
    SECRET_KEY=secrets.token_hex(32),
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    TEMPLATES=[{"BACKEND": "django.template.backends.jinja2.Jinja2"}],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
)
django.setup()

from django import forms  # noqa: E402 (after the settings)

template = engines["jinja2"].from_string(PAGE)


class Registration(forms.Form):
    consent = forms.ChoiceField(choices=[("agree", ""), ("disagree", "")])
    category = forms.ChoiceField(choices=[("individual", ""), ("legal", "")])
    full_name = forms.CharField(max_length=200)
    email = forms.EmailField()
    phone = forms.RegexField(r"[\d+ ()-]{6,20}")


def register(request: HttpRequest) -> HttpResponse:
    values = {key: request.POST.get(key, "") for key in Registration.base_fields}
    errors = {}
    if request.method == "POST":
        form = Registration(request.POST)
        errors = {key: str(words[0]) for key, words in form.errors.items()} or list_errors(values)
    token = get_token(request)
    field = mark_safe(f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">')  # noqa: S308
    page = template.render({"csrf": field, "values": values, "errors": errors})
    return HttpResponse(page, status=422 if errors else 200)


urlpatterns = [path("register", register)]
application = get_asgi_application()
