"""Texts for people keep the house's typography and terms, in every language alike.

Every failure names file, line or place, and what to write instead. ``⍽`` stands for a no-break
space (U+00A0).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from bot import request_types
from bot.texts import PACKAGED, Translations

LOCALES = Translations.load().locales
NO_BREAK_SPACE = "\u00a0"

#: What is counted or measured: a no-break space stands between the number and these.
UNITS = {
    "ru": (
        r"кВт·ч кВт кВ В МБ м ч секунд[аыу]? минут[аыу]? час(?:а|ов)? день дня дней недел[яиью] "
        r"месяц(?:а|ев)? рабочи[йхе]\w* календарн\w+ метр(?:а|ов)? цифр[аы]? знак(?:а|ов)? "
        r"файл(?:а|ов)? попыт(?:ка|ки|ок) сообщени[йяе]\w* счётчик(?:а|ов)? заяв(?:ка|ки|ок)"
    ),
    "en": (
        r"kWh kW kV V MB m h seconds? minutes? hours? days? weeks? months? working calendar "
        r"metres? digits? characters? files? attempts? messages? meters? requests?"
    ),
}

#: Often written without their «ё»; words such as «все», which differ in sense, stand not here.
WITH_YO = r"""
её неё ещё моё твоё своё чьё трёх четырёх трёхтариф\w* четырёхтариф\w* счёт\w* учёт\w* отчёт\w*
расчёт\w* зачёт\w* учётн\w* объём\w* приём\w* съём\w* подъём\w* надёжн\w* чётк\w* жёлт\w* зелён\w*
тёмн\w* твёрд\w* тяжёл\w* удалён удалённ\w* сохранён изменён введён введённ\w* внесён подключён
подключённ\w* отключён включён учтён решён заменён завершён подтверждён отклонён присоединённ\w*
придёт пришлёт пришлём вернёт вернём ждёт ждём идёт найдёт пойдёт уйдёт войдёт дойдёт займёт
начнёт берёт возьмёт даёт ведёт учтёт учтётся прошёл вошёл нашёл пошёл ушёл зашёл пришёл перешёл
истёк
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """``wrong`` is a pattern; ``right`` replaces it, or says what to write."""

    wrong: str
    right: str


def _list_typography(locale: str) -> tuple[Rule, ...]:
    units = "|".join(UNITS[locale].split())
    return (
        Rule(rf"(?<=[\d}}]) (?=(?:{units})(?![\w·]))", NO_BREAK_SPACE),
        Rule(r"(?<=\+7) (?=\d{3} )|(?<=\+7.\d{3}) (?=\d{3}-)", NO_BREAK_SPACE),
        Rule(r"(?<=\S) [-—] (?=\S)", " – "),
        # Ranges; numbers such as 2026-000123 and +7 912 345-67-89 are none.
        Rule(r"(?<=\d:\d\d)-(?=\d)", "–"),
        Rule(rf"(?<![\d-])(?<=\d)-(?=\d{{1,3}}.(?:{units}))", "–"),
        Rule(r"\.\.\.", "…"),
    )


RULES = {
    "ru": (
        *_list_typography("ru"),
        Rule(r"(?<=№) ?(?=[\d{])", NO_BREAK_SPACE),
        Rule(r"[\"'“”]", "«…»"),
        # One word for one thing.
        Rule(r"(?i)прибор\w* уч[её]та", "счётчик"),
        Rule(r"(?i)уч[её]тн\w+ запис\w+", "личный кабинет"),
        Rule(r"(?i)аккаунт\w*\b(?! Telegram)", "личный кабинет"),
        Rule(r"(?i)сотрудник\w*", "специалист"),
        Rule(r"Телеграм\w*", "Telegram"),
        Rule(r"(?i)e-mail|электронн\w+ (?:почт|адрес)\w*", "email"),
        Rule(r"(?i)\w+: \{ \$(?:days|hours|minutes) \}", "a plural form, as in «3 дня»"),
        Rule(
            rf"(?i)\b(?:{'|'.join(WITH_YO.replace('ё', 'е').split())})\b", "the same word with «ё»"
        ),
    ),
    "en": (
        *_list_typography("en"),
        Rule(r"№ ?|\bno\. (?=[\d{])", f"No.{NO_BREAK_SPACE}"),
        Rule(r"(?<=No\.) (?=[\d{])", NO_BREAK_SPACE),
        Rule("'", "’"),
        Rule('"', "“…”"),
        Rule(r"(?i)\bletter\b", "email"),
        Rule(r"(?i)\bcabinets?\b", "personal account"),
        Rule(r"(?i)\b(?:employees?|staff members?|members? of the staff)\b", "specialist"),
        Rule(r"(?i)\bpapers\b(?! \})", "documents"),
        Rule(r"(?i)\bannul\w*", "cancel"),
        Rule(r"(?i)\be-mail", "email"),
    ),
}

#: What the contract, the specification or the law words: left out before the rules are applied.
QUOTED = (
    "Удалить аккаунт",
    "Удаление аккаунта",
    "Ранее введенные показания",
    "Трехтарифный",
    "прибора учета электрической энергии",
    "допуска в эксплуатацию прибора учета",
    "прибором учета",
    "(безучетном)",
    "адреса электронной почты",  # The consent is a legal text.
    "Прибор учёта",  # A column of the specification.
)


def _list_messages(locale: str) -> Iterator[tuple[str, str]]:
    """Each line of a Fluent file with its place."""
    source = (PACKAGED / f"{locale}.ftl").read_text(encoding="utf-8")
    for number, line in enumerate(source.splitlines(), 1):
        if not line.startswith("#"):
            # Neither quoted placeables nor attributes of tags are read by people.
            words = re.sub(r'\{ "[^"]*" \}|="[^"]*"', "", line)
            yield f"bot/texts/{locale}.ftl:{number}", re.sub(r"^[a-z][\w-]* = ?", "", words)


def _list_labels(locale: str) -> Iterator[tuple[str, str]]:
    """Each text of the request types with its place."""
    for place, words in _find_words(_read_request_types()):
        yield f"bot/request_types.yaml: {place}", str(words.get(locale, ""))


def _read_request_types() -> Any:
    return yaml.safe_load(request_types.PACKAGED.read_text(encoding="utf-8"))


def _find_words(part: Any, place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    match part:
        case dict() if set(part) & set(LOCALES):
            yield place, part
        case dict():
            for name, inner in part.items():
                yield from _find_words(inner, f"{place}.{name}".lstrip("."))
        case list():
            for index, inner in enumerate(part):
                name = inner.get("key", inner.get("code", index)) if isinstance(inner, dict) else ""
                yield from _find_words(inner, f"{place}.{name}")


def _find_faults(place: str, words: str, locale: str) -> Iterator[str]:
    checked = words
    for one in QUOTED:
        checked = checked.replace(one, "")
    for rule in RULES[locale]:
        for found in re.finditer(rule.wrong, checked):
            around = checked[max(found.start() - 20, 0) : found.end() + 20].strip()
            right = rule.right.replace(NO_BREAK_SPACE, "⍽")
            yield f"{place}: «{around}»: write «{right}» instead of «{found[0]}»"


@pytest.mark.parametrize("locale", LOCALES)
def test_texts_keep_typography_and_terms(locale: str) -> None:
    faults = [
        fault
        for place, words in (*_list_messages(locale), *_list_labels(locale))
        for fault in _find_faults(place, words, locale)
    ]
    assert not faults, "\n" + "\n".join(faults)


def test_each_text_of_the_request_types_has_its_pair() -> None:
    faults = [
        f"bot/request_types.yaml: {place}: add «{locale}:» beside {dict(words)}"
        for place, words in _find_words(_read_request_types())
        for locale in LOCALES
        if not words.get(locale)
    ]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize(
    ("locale", "wrong"),
    [
        ("ru", "Заявка № { $number }"),
        ("ru", "{ $value } кВт·ч"),
        ("ru", "до 20 МБ"),
        ("ru", "+7 912 345-67-89"),
        ("ru", 'Нажмите "Меню"'),
        ("ru", "Меню - внизу"),
        ("ru", "с 09:00-12:00"),
        ("ru", "Номер счетчика"),
        ("ru", "Показания прибора учёта"),
        ("ru", "осталось дней: { $days }"),
        ("en", "Request № 5"),
        ("en", "Request No. { $number }"),
        ("en", "the consumer's meter"),
        ("en", "{ $days } days"),
        ("en", "The letter with the password"),
    ],
)
def test_the_rules_find_what_is_wrong(locale: str, wrong: str) -> None:
    assert list(_find_faults("here", wrong, locale))


#: Errors that only a chat can raise: what a page sends cannot be wrong in these ways.
OF_THE_CHAT = frozenset(
    {
        *("error-contact-of-another", "error-edited", "error-file-not-fetched", "error-files-none"),
        *("error-files-expected", "error-review-open", "error-session-over"),
        *("error-unknown-command",),
    }
)
#: What a page of the site has not: the paper clip, commands, steps, the buttons of a chat.
CHAT_WORDS = re.compile(
    r"📎|Telegram|/menu|/cancel|кнопк|на шаг|«(?:Пропустить|Назад)»|button|a step|“(?:Skip|Back)”"
)


@pytest.mark.parametrize("locale", LOCALES)
def test_errors_on_a_page_name_nothing_of_the_chat(locale: str) -> None:
    source = (PACKAGED / f"{locale}.ftl").read_text(encoding="utf-8")
    messages = dict(
        re.findall(r"^([a-z][\w-]*) = ?((?:.*\n)(?:    .*\n|\n(?=    ))*)", source, re.MULTILINE)
    )
    of_pages = tuple(
        key.removeprefix("site-complaint-") for key in messages if key.startswith("site-complaint-")
    )
    faults = [
        f"{key}: add «site-complaint-…»"
        for key, words in messages.items()
        if key.startswith("error-")
        and CHAT_WORDS.search(words)
        and key not in OF_THE_CHAT
        and not key.removeprefix("error-").startswith(of_pages)
    ]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize("locale", LOCALES)
def test_letters_name_neither_door(locale: str) -> None:
    """They go to people who know the site only, too; their buttons name a door each."""
    source = (PACKAGED / f"{locale}.ftl").read_text(encoding="utf-8")
    letters = re.findall(
        r"^(letter-[\w-]+) = ?((?:.*\n)(?:    .*\n|\n(?=    ))*)", source, re.MULTILINE
    )
    named = re.compile(r"\bбот(?:а|е|у|ом)?\b|\bthe bot\b")
    assert [key for key, words in letters if named.search(words)] == []
