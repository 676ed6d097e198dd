"""Field types: how an answer is parsed and validated, and how it is shown."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from types import MappingProxyType
from typing import Protocol

import phonenumbers
from babel.numbers import get_decimal_symbol
from email_validator import EmailNotValidError, validate_email

from bot.domain import METER_DIGITS
from bot.fsm.model import Field, Rejected
from bot.identifiers import is_inn, is_ogrn, is_snils

_REGION = "RU"
#: RFC 5321, 4.5.3.1: the longest address that a server must take.
_EMAIL_LENGTH = 254
_TEXT_LENGTH = 300
_SECRET_LENGTH = 128
_DIGITS = 15
_READING_DECIMALS = 3
_METER_LENGTHS = (4, 20)


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
    """ФИО: two words or more, of letters, hyphens and apostrophes; one letter may be an initial."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        text = _read_text(raw)
        longest = int(field.limits.get("max_length", 120))
        if len(text) > longest:
            raise Rejected("too-long", limit=longest, length=len(text))
        words = text.split()
        if len(words) < 2 or not all(
            re.fullmatch(
                r"[^\W\d_][^\W\d_.'’-]*\.?", w.replace("-", "").replace("'", "").replace("’", "")
            )
            for w in words
        ):
            raise Rejected("name")
        return text

    def show(self, raw: str, field: Field, locale: str) -> str:
        return raw


class PhoneType:
    """A phone number in any usual Russian spelling, stored as E.164."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        text = clean_text(raw)
        if not text:
            raise Rejected("blank")
        try:
            number = phonenumbers.parse(text, _REGION)
        except phonenumbers.NumberParseException:
            raise Rejected("phone") from None
        if not phonenumbers.is_valid_number(number) or number.extension:
            raise Rejected("phone")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def show(self, raw: str, field: Field, locale: str) -> str:
        return format_phone(raw)


def format_phone(number: str) -> str:
    """``+79123456789`` as ``+7 912 345-67-89``."""
    try:
        parsed = phonenumbers.parse(number, _REGION)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


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
    """A date, ДД.ММ.ГГГГ, stored as ISO 8601.

    Limits in calendar days from today: ``max_days_back``, ``max_days_ahead``; bounds ``min`` and
    ``max``, each ``today``; ``min_working_days_ahead`` and ``min_working_days_ahead_if``
    (``{field, in, days}``: another number while that answer is one of these).
    """

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        text = clean_text(raw)
        if not text:
            raise Rejected("blank")
        day = _parse_day(text, context.today)
        earliest, latest = self._compute_bounds(field, context)
        if earliest is not None and day < earliest:
            raise Rejected("date-too-early", earliest=_format_day(earliest))
        if latest is not None and day > latest:
            raise Rejected("date-too-late", latest=_format_day(latest))
        return day.isoformat()

    def show(self, raw: str, field: Field, locale: str) -> str:
        return _format_day(date.fromisoformat(raw))

    def make_example(self, field: Field, context: AnswerContext) -> str:
        """The valid day nearest to today."""
        earliest, latest = self._compute_bounds(field, context)
        day = max(context.today, earliest or context.today)
        return _format_day(min(day, latest or day))

    def _compute_bounds(
        self, field: Field, context: AnswerContext
    ) -> tuple[date | None, date | None]:
        limits, today = field.limits, context.today
        earliest = today if limits.get("min") == "today" else None
        latest = today if limits.get("max") == "today" else None
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


def _parse_day(text: str, today: date) -> date:
    if found := re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text):
        year, month, day = (int(part) for part in found.groups())
    elif found := re.fullmatch(r"([0-9]{1,2})[./, -]([0-9]{1,2})[./, -]([0-9]{2}|[0-9]{4})", text):
        day, month, year = (int(part) for part in found.groups())
        if year < 100:
            year += today.year // 100 * 100
    else:
        raise Rejected("date")
    try:
        return date(year, month, day)
    except ValueError:
        raise Rejected("date") from None


def _format_day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


class NumberType:
    """A number, stored with a point. Limits: ``min``, ``max``, ``max_decimals``."""

    def __init__(self, decimals: int | None = None) -> None:
        """``decimals`` is the limit of fields without one of their own; None: no limit."""
        self._decimals = decimals

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        text = re.sub(r"[\s  ]", "", clean_text(raw)).replace(",", ".")
        if not text:
            raise Rejected("blank")
        if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]*)?", text) or len(text) > _DIGITS:
            raise Rejected("number")
        try:
            number = Decimal(text.rstrip("."))
        except InvalidOperation:
            raise Rejected("number") from None
        limits = field.limits
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


class ReadingType:
    """The value of a meter's counter in kWh, stored with a point and without leading zeros."""

    def read(self, raw: str, field: Field, context: AnswerContext) -> str:
        text = clean_text(raw, multiline=True)
        if not text:
            raise Rejected("blank")
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
        "phone": PhoneType(),
        "email": EmailType(),
        "date": DateType(),
        "integer": NumberType(decimals=0),
        "decimal": NumberType(),
        "choice": ChoiceType(),
        "files": FilesType(),
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
    {"text", "name", "phone", "email", "integer", "decimal", "inn", "ogrn", "snils"}
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


def show(raw: str, field: Field, locale: str) -> str:
    """A stored answer as people read it; an answer that no longer fits is shown as it is stored."""
    try:
        return KINDS[field.kind].show(raw, field, locale)
    except ValueError:
        return raw
