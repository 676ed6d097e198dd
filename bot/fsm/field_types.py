"""Field types: how an answer is parsed and validated, and how it is shown."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Protocol

import phonenumbers
from babel.numbers import get_decimal_symbol
from email_validator import EmailNotValidError, validate_email

from bot.domain import METER_DIGITS
from bot.fsm.model import Field, Rejected
from bot.fsm.written_days import list_days
from bot.fsm.written_names import read_name, read_organisation
from bot.identifiers import is_inn, is_ogrn, is_snils

_REGION = "RU"
#: RFC 5321, 4.5.3.1: the longest address that a server must take.
_EMAIL_LENGTH = 254
_TEXT_LENGTH = 300
_SECRET_LENGTH = 128
_DIGITS = 15
_READING_DECIMALS = 3
_METER_LENGTHS = (4, 20)
#: Further ahead than this, a day is seldom one of the next.
_NEAR_DAYS = 100

#: Units of numbers by their names in a form, with the spellings that people use, without signs.
UNITS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "kW": frozenset({"квт", "kw", "киловатт", "киловатта", "kilowatt", "kilowatts"}),
        # On a meter's display people often see «кВт», and they write «кВт/ч».
        "kWh": frozenset({"квтч", "квт", "квтчас", "квтчаса", "квтчасов", "kwh", "kw"}),
        "pcs": frozenset(
            {"шт", "штук", "штука", "штуки", "точка", "точки", "точек", "pcs", "pieces", "points"}
        ),
    }
)

_EXTENSION = re.compile(
    r"[\s,;(]{0,3}(?:доб(?:авочный)?|вн(?:утр(?:енний)?)?|ext(?:ension)?|#)[.=:№\s]*([0-9]{1,6})\)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerContext:
    """The surroundings of an answer that its validation may need.

    ``today`` is the day in the company's time zone; ``profile`` holds ready answers by the name
    after the dot of a field's ``suggestion``; ``working_day_after(day, n)`` is the n-th working
    day after a day; ``answers`` are the draft's answers.
    """

    today: date
    profile: Mapping[str, str]
    working_day_after: Callable[[date, int], date]
    answers: Mapping[str, str]


class FieldType(Protocol):
    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        """The answer in its canonical spelling; raises Rejected."""
        ...

    def show(self, raw: str, field: Field, locale: str) -> str:
        """A canonical answer in the usual spelling of the locale."""
        ...


def clean_text(raw: str, *, multiline: bool = False) -> str:
    """Normalises to NFC, removes control, zero-width and bidi characters, collapses blanks."""
    text = unicodedata.normalize("NFC", raw).replace("\r\n", "\n")
    text = "".join(
        # Cf holds zero-width and bidi marks; a joiner inside an emoji is removed too.
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character)[0] != "C"
    )
    lines = [" ".join(line.split()) for line in text.split("\n")]
    if not multiline:
        return " ".join(line for line in lines if line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _read_text(raw: str, *, multiline: bool = False) -> str:
    text = clean_text(raw, multiline=multiline)
    if not text:
        raise Rejected("blank")
    if not any(character.isalnum() for character in text):
        raise Rejected("no-words")
    return text


class TextType:
    """Limits: ``min_length``, ``max_length`` (characters), ``pattern``, ``multiline``."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        limits = field.limits
        text = _read_text(raw, multiline=bool(limits.get("multiline")))
        longest = int(limits.get("max_length", _TEXT_LENGTH))
        if len(text) > longest:
            raise Rejected("too-long", limit=longest, length=len(text))
        shortest = int(limits.get("min_length", 1))
        if len(text) < shortest:
            raise Rejected("too-short", limit=shortest, length=len(text))
        pattern = limits.get("pattern")
        if pattern is not None and not re.fullmatch(pattern, text):
            raise Rejected("pattern")
        return text

    def show(self, raw: str, field: Field, locale: str) -> str:
        return raw


class NameType:
    """ФИО: two words or more; one letter may be an initial."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        name = read_name(_read_text(raw))
        longest = int(field.limits.get("max_length", 120))
        if len(name) > longest:
            raise Rejected("too-long", limit=longest, length=len(name))
        return name

    def show(self, raw: str, field: Field, locale: str) -> str:
        return raw


class OrganisationType(TextType):
    """The name of an organisation, which is more than its legal form; limits as of a text."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        return read_organisation(super().read(raw, field, context))


class PhoneType:
    """A phone number in any usual Russian spelling, stored as E.164.

    An extension follows as in RFC 3966: ``+74951234567;ext=123``.
    """

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        text = clean_text(raw)
        if not text:
            raise Rejected("blank")
        extension = _EXTENSION.search(text)
        try:
            number = phonenumbers.parse(text[: extension.start()] if extension else text, _REGION)
        except phonenumbers.NumberParseException:
            raise Rejected("phone") from None
        if not phonenumbers.is_valid_number(number) or number.extension:
            raise Rejected("phone")
        main = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        return f"{main};ext={extension[1]}" if extension else main

    def show(self, raw: str, field: Field, locale: str) -> str:
        return format_phone(raw, locale)


def format_phone(number: str, locale: str) -> str:
    """``+79123456789;ext=12`` as ``+7 912 345-67-89 доб. 12``."""
    main, _, extension = number.partition(";ext=")
    try:
        parsed = phonenumbers.parse(main, _REGION)
    except phonenumbers.NumberParseException:
        return number
    words = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return f"{words} {'доб.' if locale == 'ru' else 'ext.'} {extension}" if extension else words


class EmailType:
    """An email address, checked by syntax and stored in lower case: it is the login."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        text = clean_text(raw)
        if not text:
            raise Rejected("blank")
        if len(text) > _EMAIL_LENGTH:
            raise Rejected("email-too-long", limit=_EMAIL_LENGTH, length=len(text))
        try:
            address = validate_email(text, check_deliverability=False).normalized.lower()
        except EmailNotValidError:
            raise Rejected("email") from None
        if strange := _find_mixed_letters(address):
            raise Rejected("email-mixed", letters=", ".join(strange))
        return address

    def show(self, raw: str, field: Field, locale: str) -> str:
        return raw


def _find_mixed_letters(address: str) -> list[str]:
    """Letters of another alphabet inside a part that is mostly in one: no server has such names.

    The last two parts of the domain share one alphabet too.
    """
    name, _, domain = address.rpartition("@")
    labels = domain.split(".")
    for part in (name, *labels[:-2], ".".join(labels[-2:])):
        letters: dict[str, list[str]] = {}
        for letter in filter(str.isalpha, part):
            letters.setdefault(unicodedata.name(letter, "?").partition(" ")[0], []).append(letter)
        if len(letters) > 1:
            fewest = min(letters.values(), key=len)
            return list(dict.fromkeys(fewest))
    return []


class DateType:
    """A date, stored as ISO 8601; without a year it is the nearest one within the bounds.

    Limits in calendar days from today: ``max_days_back``, ``max_days_ahead``; bounds ``min`` and
    ``max``, each ``today``; ``min_working_days_ahead`` and ``min_working_days_ahead_if``
    (``{field, in, days}``: another number while that answer is one of these).
    """

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        text = clean_text(raw)
        if not text:
            raise Rejected("blank")
        days = list_days(text, context.today)
        if not days:
            raise Rejected("date")
        earliest, latest = self.find_bounds(field, context)
        day = next((one for one in days if earliest <= one <= latest), days[0])
        if day < earliest:
            raise Rejected("date-too-early", earliest=_format_day(earliest))
        if day > latest:
            raise Rejected("date-too-late", latest=_format_day(latest))
        return day.isoformat()

    def show(self, raw: str, field: Field, locale: str) -> str:
        return _format_day(date.fromisoformat(raw))

    def make_example(self, field: Field, context: AnswerContext) -> str:
        """The valid day nearest to today."""
        earliest, latest = self.find_bounds(field, context)
        return _format_day(min(max(context.today, earliest), latest))

    def list_ready_days(self, field: Field, context: AnswerContext) -> tuple[date, ...]:
        """Days to choose from: today and its neighbours, or the first ones that are possible.

        None where days far ahead are usual.
        """
        earliest, latest = self.find_bounds(field, context)
        if (latest - context.today).days > _NEAR_DAYS:
            return ()
        days = [context.today + timedelta(days=shift) for shift in (-1, 0, 1)]
        if earliest > days[-1]:
            days = [earliest, *(context.working_day_after(earliest, more) for more in (1, 2))]
        return tuple(day for day in days if earliest <= day <= latest)

    def find_bounds(self, field: Field, context: AnswerContext) -> tuple[date, date]:
        """The first and the last day that are accepted."""
        limits, today = field.limits, context.today
        earliest = today if limits.get("min") == "today" else date.min
        latest = today if limits.get("max") == "today" else date.max
        if "max_days_back" in limits:
            earliest = today - timedelta(days=limits["max_days_back"])
        if "max_days_ahead" in limits:
            latest = today + timedelta(days=limits["max_days_ahead"])
        working_days = limits.get("min_working_days_ahead")
        special = limits.get("min_working_days_ahead_if")
        if special and context.answers.get(special["field"]) in special["in"]:
            working_days = special["days"]
        if working_days is not None:
            earliest = context.working_day_after(today, working_days)
        return earliest, latest


def _format_day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


class NumberType:
    """A number, stored with a point. Limits: ``min``, ``max``, ``max_decimals``, ``unit``.

    ``unit`` is one of UNITS, which may follow the number.
    """

    def __init__(self, decimals: int | None = None) -> None:
        """``decimals`` is the limit of fields without one of their own; None: no limit."""
        self._decimals = decimals

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        limits = field.limits
        text = clean_text(raw)
        if not text:
            raise Rejected("blank")
        if "unit" in limits:
            text, unit = _split_unit(text)
            if unit and unit not in UNITS[limits["unit"]]:
                raise Rejected("number-unit", unit=limits["unit"])
        text = re.sub(r"\s", "", text).replace(",", ".")
        if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?", text) or len(text) > _DIGITS:
            raise Rejected("number")
        number = Decimal(text.rstrip("."))
        decimals = limits.get("max_decimals", self._decimals)
        # Trailing zeros add no precision: 15.000 is 15.
        number = number.quantize(Decimal(1)) if number == number.to_integral() else number
        if decimals is not None and -int(number.as_tuple().exponent) > decimals:
            raise Rejected("number-decimals", limit=decimals)
        if "min" in limits and number < Decimal(str(limits["min"])):
            raise Rejected("number-too-small", limit=str(limits["min"]))
        if "max" in limits and number > Decimal(str(limits["max"])):
            raise Rejected("number-too-large", limit=str(limits["max"]))
        return f"{number:f}"

    def show(self, raw: str, field: Field, locale: str) -> str:
        return format_decimal(raw, locale)


def _split_unit(text: str) -> tuple[str, str]:
    """A number and the letters of the unit behind it: ``15 кВт·ч`` as ``15``, ``квтч``."""
    found = re.fullmatch(r"(.*[0-9])[^0-9]*[^\W\d_][^0-9]*", text, re.DOTALL)
    if found is None:
        return text, ""
    return found[1], re.sub(r"[\W_]", "", text[found.end(1) :].lower())


class ReadingType:
    """The value of a meter's counter in kWh, stored with a point and without leading zeros."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        text = clean_text(raw, multiline=True)
        if not text:
            raise Rejected("blank")
        number, unit = _split_unit(text)
        if unit in UNITS["kWh"]:
            text = number
        if re.fullmatch(r"[-−–]\s*[0-9][0-9\s.,]*", text):
            raise Rejected("reading-negative")
        if re.fullmatch(r"[0-9]{1,3}( [0-9]{3})+([.,][0-9]+)?|[0-9]( [0-9])+([.,][0-9]+)?", text):
            # Groups of thousands, or digits copied one by one from the counter's wheels.
            text = text.replace(" ", "")
        if len(re.findall(r"[0-9]+(?:[.,][0-9]+)?", text)) > 1:
            raise Rejected("reading-two-numbers")
        found = re.fullmatch(r"([0-9]+)(?:[.,]([0-9]+))?", text)
        if not found:
            raise Rejected("reading-number")
        whole, fraction = found[1].lstrip("0") or "0", (found[2] or "").rstrip("0")
        if len(whole) > METER_DIGITS:
            raise Rejected("reading-digits", limit=METER_DIGITS)
        if len(fraction) > _READING_DECIMALS:
            raise Rejected("number-decimals", limit=_READING_DECIMALS)
        return f"{whole}.{fraction}" if fraction else whole

    def show(self, raw: str, field: Field, locale: str) -> str:
        return format_decimal(raw, locale)


def format_decimal(number: str, locale: str) -> str:
    """``123.4`` with the decimal sign of the locale."""
    return number.replace(".", _get_decimal_sign(locale))


@cache
def _get_decimal_sign(locale: str) -> str:
    return str(get_decimal_symbol(locale))


class MeterNumberType:
    """A meter's number: letters, digits and dashes in upper case, without spaces and №."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        text = clean_text(raw).upper()
        if not text:
            raise Rejected("blank")
        number = re.sub(r"[\s№#]", "", re.sub(r"[‐-―−]", "-", text))
        shortest, longest = _METER_LENGTHS
        if not re.fullmatch(r"[^\W_]+(-[^\W_]+)*", number) or not any(map(str.isdigit, number)):
            raise Rejected("meter")
        if not shortest <= len(number) <= longest:
            raise Rejected("meter-length", shortest=shortest, longest=longest, length=len(number))
        return number

    def show(self, raw: str, field: Field, locale: str) -> str:
        return raw


class ChoiceType:
    """One of the field's choices, by its value; a typed text is never taken for one."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        if all(choice.value != raw for choice in field.choices):
            raise Rejected("choose")
        return raw

    def show(self, raw: str, field: Field, locale: str) -> str:
        choice = next((choice for choice in field.choices if choice.value == raw), None)
        return choice.label[locale] if choice and choice.label else raw


class FilesType:
    """The number of the draft's scans."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        if not raw.isdecimal() or int(raw) < 1:
            raise Rejected("files-none")
        return raw

    def show(self, raw: str, field: Field, locale: str) -> str:
        return raw


class TableType:
    """The rows of a spreadsheet as the form's action read them; JSON with the ``file``'s name."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        if not raw.startswith('{"file":"'):
            raise Rejected("wrong-kind")
        return raw

    def show(self, raw: str, field: Field, locale: str) -> str:
        return str(json.loads(raw)["file"])


class SecretType:
    """A password, unchanged; only its length is checked. Limit: ``min_length``."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        if not raw.strip():
            raise Rejected("blank")
        shortest = int(field.limits.get("min_length", 1))
        if len(raw) < shortest:
            raise Rejected("password-too-short", limit=shortest)
        if len(raw) > _SECRET_LENGTH:
            raise Rejected("too-long", limit=_SECRET_LENGTH, length=len(raw))
        return raw

    def show(self, raw: str, field: Field, locale: str) -> str:
        return "••••••"


class CodeType:
    """A one-time code of six digits, typed with or without spaces."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        code = re.sub(r"[\s\-–—]", "", clean_text(raw))
        if not code:
            raise Rejected("blank")
        if not re.fullmatch(r"[0-9]{6}", code):
            raise Rejected("code-format")
        return code

    def show(self, raw: str, field: Field, locale: str) -> str:
        return "••••••"


class LocationType:
    """``latitude, longitude`` in degrees, sent as a location or typed."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        found = re.fullmatch(
            r"(-?[0-9]{1,2}(?:\.[0-9]+)?)[,; ]+(-?[0-9]{1,3}(?:\.[0-9]+)?)", clean_text(raw)
        )
        if not found or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
            raise Rejected("location")
        return f"{float(found[1]):.6f}, {float(found[2]):.6f}"

    def show(self, raw: str, field: Field, locale: str) -> str:
        return raw


class IdentifierType:
    """A registration number of digits, stored without spaces, hyphens and dots.

    Limits: ``digits``, the only length that is accepted; without it, each of the type's lengths.
    """

    def __init__(
        self,
        lengths: tuple[int, ...],
        is_valid: Callable[[str], bool],
        *,
        wrong_length: str,
        wrong_digits: str,
    ) -> None:
        """``is_valid`` checks the control digits; the last two are the codes of errors."""
        self._lengths = lengths
        self._is_valid = is_valid
        self._wrong_length = wrong_length
        self._wrong_digits = wrong_digits

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        text = re.sub(r"[\s\-.‐-―]", "", clean_text(raw))
        if not text:
            raise Rejected("blank")
        wanted = (int(field.limits["digits"]),) if "digits" in field.limits else self._lengths
        if not re.fullmatch(r"[0-9]+", text) or len(text) not in wanted:
            raise Rejected(self._wrong_length, wanted=" / ".join(map(str, wanted)))
        if not self._is_valid(text):
            raise Rejected(self._wrong_digits)
        return text

    def show(self, raw: str, field: Field, locale: str) -> str:
        return raw


class SnilsType(IdentifierType):
    def __init__(self) -> None:
        super().__init__(
            (11,), is_snils, wrong_length="snils-length", wrong_digits="snils-checksum"
        )

    def show(self, raw: str, field: Field, locale: str) -> str:
        return f"{raw[:3]}-{raw[3:6]}-{raw[6:9]} {raw[9:]}"


KINDS: Mapping[str, FieldType] = MappingProxyType(
    {
        "text": TextType(),
        "name": NameType(),
        "organisation": OrganisationType(),
        "phone": PhoneType(),
        "email": EmailType(),
        "date": DateType(),
        "integer": NumberType(decimals=0),
        "decimal": NumberType(),
        "choice": ChoiceType(),
        "files": FilesType(),
        "table": TableType(),
        "secret": SecretType(),
        "code": CodeType(),
        "location": LocationType(),
        "reading": ReadingType(),
        "meter": MeterNumberType(),
        "inn": IdentifierType(
            (10, 12), is_inn, wrong_length="inn-length", wrong_digits="inn-checksum"
        ),
        "ogrn": IdentifierType(
            (13, 15), is_ogrn, wrong_length="ogrn-length", wrong_digits="ogrn-checksum"
        ),
        "snils": SnilsType(),
    }
)

#: Kinds that are answered by typing: a question of such a kind shows an example.
TYPED_KINDS = frozenset(
    {"text", "name", "organisation", "phone", "email", "integer", "decimal", "inn", "ogrn", "snils"}
)


def read(raw: str, field: Field, context: AnswerContext) -> str:
    """The canonical answer; raises Rejected."""
    return KINDS[field.kind].read(raw, field, context)


def make_example(field: Field, context: AnswerContext) -> str | None:
    """A valid example for the kinds whose questions have none of their own."""
    match field.kind:
        case "date":
            return DateType().make_example(field, context)
        case "location":
            return "55.751244, 37.618423"
        case _:
            return None


def find_bounds(field: Field, context: AnswerContext) -> tuple[str | None, str | None]:
    """The first and the last day that a question accepts, ISO 8601; None: no bound."""
    if field.kind != "date":
        return None, None
    earliest, latest = DateType().find_bounds(field, context)
    return (
        earliest.isoformat() if earliest > date.min else None,
        latest.isoformat() if latest < date.max else None,
    )


def list_ready_days(field: Field, context: AnswerContext) -> tuple[date, ...]:
    """Days that are offered as buttons below a question."""
    return DateType().list_ready_days(field, context) if field.kind == "date" else ()


def show(raw: str, field: Field, locale: str) -> str:
    """A stored answer as people read it; an answer that no longer fits is shown as it is stored."""
    try:
        return KINDS[field.kind].show(raw, field, locale)
    except ValueError:
        return raw
