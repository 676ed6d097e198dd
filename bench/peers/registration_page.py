"""The page that both peers render: as many fields as the site's own registration has."""

import re

PAGE = """<!doctype html>
<html lang="ru"><head><meta charset="utf-8"><title>Регистрация</title></head><body><main>
<h1>Регистрация</h1>
<form method="post" action="/register">{{ csrf|safe }}
{% for key, label in (("consent", "Согласие"), ("category", "Категория"), ("full_name", "ФИО"),
("email", "Email"), ("phone", "Телефон")) %}
<div class="field"><label for="field-{{ key }}">{{ label }}</label>
{% if key in errors %}<p class="error" id="error-{{ key }}">{{ errors[key] }}</p>{% endif %}
<input id="field-{{ key }}" name="{{ key }}" value="{{ values[key] or "" }}"></div>
{% endfor %}
<button>Зарегистрировать</button></form></main></body></html>
"""


def list_errors(values: dict[str, str]) -> dict[str, str]:
    errors = {key: "Заполните это поле." for key, value in values.items() if not value}
    if not re.fullmatch(r"\S+@\S+\.\S+", values["email"]):
        errors["email"] = "Это не похоже на email."
    return errors
