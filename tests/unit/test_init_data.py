"""What Telegram signed for the Mini App: taken whole, from our bot, for minutes, in private."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from aiogram.utils.web_app import check_webapp_signature

from bot.services.mini_app import LIFETIME, LaunchRefused, verify
from sandbox.bot_api.web_apps import sign_init_data

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TOKEN = "123456:ABC-def"
USER = {"id": 1001, "first_name": "Анна & = ; +", "language_code": "ru"}
FIELDS = {
    "query_id": "AAHdF6IQAAAAAN0XohDhrOrc",
    "user": json.dumps(USER, ensure_ascii=False),
    "auth_date": str(int(NOW.timestamp())),
    "signature": "another-key",
}
#: Signed by Telegram itself, with the bot's token: an example of telegram-mini-apps.com.
REAL_TOKEN = "7342037359:AAHI25ES9xCOMPokpYoz-p8XVrZUdygo2J4"
REAL = (
    "user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C"
    "%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A"
    "%22ru%22%2C%22is_premium%22%3Atrue%2C%22allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22"
    "https%3A%5C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5C%2F4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKo"
    "LDRG4PnSA.svg%22%7D&chat_instance=8134722200314281151&chat_type=private&auth_date=1733509682"
    "&signature=TYJxVcisqbWjtodPepiJ6ghziUL94-KNpG8Pau-X7oNNLNBM72APCpi_RKiUlBvcqo5L-LAxIc3dnTzcZX"
    "_PDg&hash=a433d8f9847bd6addcc563bff7cc82c89e97ea0d90c11fe5729cae6796a36d73"
)


def sign(changes: Mapping[str, str | None] | None = None) -> str:
    fields = {**FIELDS, **(changes or {})}
    return sign_init_data(TOKEN, {name: one for name, one in fields.items() if one is not None})


def refuse(init_data: str, token: str = TOKEN, now: datetime = NOW) -> str:
    with pytest.raises(LaunchRefused) as refused:
        verify(init_data, token, now)
    # Not even the error names what was sent.
    assert str(refused.value) == refused.value.code
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    return refused.value.code


def test_what_telegram_itself_signed_is_taken() -> None:
    at = datetime.fromtimestamp(1733509682, UTC)
    launch = verify(REAL, REAL_TOKEN, at)
    assert (launch.chat_id, launch.expires_at) == (279058397, at + LIFETIME)
    assert check_webapp_signature(REAL_TOKEN, REAL)
    # The field «signature» is signed too.
    assert refuse(REAL.replace("TYJx", "TYJy"), REAL_TOKEN, at) == "invalid"


def test_ours_is_what_aiogram_takes() -> None:
    assert verify(sign(), TOKEN, NOW).chat_id == USER["id"]
    assert check_webapp_signature(TOKEN, sign())


@pytest.mark.parametrize("name", [*FIELDS, "hash"])
def test_every_field_is_signed(name: str) -> None:
    fields = dict(parse_qsl(sign()))
    assert verify(urlencode(fields), TOKEN, NOW).chat_id == USER["id"]
    dropped = {key: one for key, one in fields.items() if key != name}
    forged = [{**fields, name: words} for words in (f"{fields[name]}0", fields[name][:-1], "")]
    for one in (*forged, dropped, {**fields, "start_param": "x"}):
        assert refuse(urlencode(one)) == "invalid"


def test_another_bot_signs_nothing_for_us() -> None:
    assert refuse(sign(), "123457:ABC-def") == "invalid"
    # A bot without a token has no secret: what everybody can sign is not taken.
    assert refuse(sign_init_data("", FIELDS), "") == "invalid"


def test_it_is_young_and_not_of_the_future() -> None:
    verify(sign(), TOKEN, NOW + LIFETIME - timedelta(seconds=1))
    assert refuse(sign(), now=NOW + LIFETIME) == "expired"
    # Telegram's clock may be a little ahead.
    verify(sign(), TOKEN, NOW - timedelta(seconds=30))
    assert refuse(sign(), now=NOW - timedelta(seconds=31)) == "invalid"


@pytest.mark.parametrize(
    "changes",
    [
        {"user": None},
        {"user": "null"},
        {"user": "[1001]"},
        {"user": "[" * 1300},
        {"user": '{"id": "1001"}'},
        {"user": '{"id": true}'},
        {"user": '{"id": 1001.0}'},
        {"user": '{"id": -1001}'},
        {"user": f'{{"id": {2**53}}}'},
        {"auth_date": None},
        {"auth_date": "soon"},
        {"auth_date": "1" * 30},
        {"chat_type": "supergroup"},
        {"chat_type": "private", "chat": '{"id": -5, "type": "group", "title": "x"}'},
    ],
)
def test_signed_words_that_are_no_private_launch(changes: dict[str, str | None]) -> None:
    assert refuse(sign(changes)) == "invalid"


@pytest.mark.parametrize(
    "init_data",
    [
        "",
        "&&&",
        "hash=",
        "hash=é",
        "user=%FF%FE&hash=00",
        "user=\ud800&hash=00",
        "&".join(f"f{number}=1" for number in range(40)),
        "user=" + "x" * 5000,
        f"{sign()}&auth_date=1",
        f"{sign()}&hash=00",
    ],
)
def test_what_is_no_init_data(init_data: str) -> None:
    assert refuse(init_data) == "invalid"
