"""Names as people write them: with initials, another dash, a maiden name, a stress mark."""

import re
import unicodedata

from bot.fsm.model import Rejected

_VOWELS = frozenset("аеиоуыэюяіє")
_STRESS_MARKS = "\u0300\u0301"
_DASHES = re.compile(r"\s*[-‐-―−]+\s*")
_APOSTROPHES = re.compile("['`´‘’ʼ′]")
_WORD = re.compile(r"[^\W\d_]+(?:[’-][^\W\d_]+)*\.?")

#: Kinds of organisations, which are no name: in short and in full.
_LEGAL_FORMS = """
ооо оао зао пао ао нао нпао тоо одо ип кфх гуп муп фгуп куп мкп мбу мау мку мбоу мбдоу мкоу маоу
гбу гау гку гбоу гбуз фгбу фгау фгку фгбоу фку нко ано ноу чоу нп снт днт днп онт тсж тсн жск
гск гпк пк спк сппк пт тнв
общество с ограниченной ответственностью акционерное закрытое открытое публичное непубличное
индивидуальный предприниматель компания фирма организация предприятие учреждение
унитарное государственное муниципальное бюджетное казённое казенное автономное федеральное
садоводческое дачное огородническое некоммерческое некоммерческая товарищество партнёрство
партнерство собственников жилья недвижимости гаражный потребительский кооператив
llc ltd jsc cjsc ojsc pjsc inc plc gmbh sole proprietor limited liability company joint stock
"""
_LEGAL_FORM_WORDS = frozenset(_LEGAL_FORMS.split())


def read_name(text: str) -> str:
    """A person's name in one spelling: ``Иванов И. И.``, ``Петрова-Ли (Иванова) Анна``.

    Raises Rejected: ``name-sign`` names the first sign that no name has.
    """
    name = _APOSTROPHES.sub("’", _DASHES.sub("-", _drop_stress_marks(text)))
    name = re.sub(r"\.(?=[^\s)])", ". ", name)
    name = re.sub(r"\s*\(\s*([^()]*?)\s*\)\s*", r" (\1) ", name)
    # What is left of a dash beside nothing.
    words = [word for part in name.split() if (word := part.strip("-"))]
    outside = []
    inside = False
    for word in words:
        opens, closes = word.startswith("("), word.endswith(")")
        inside = inside or opens
        bare = word[opens : len(word) - closes]
        signs = [sign for sign in bare if not _is_letter(sign) and sign not in "’-."]
        if signs or not _WORD.fullmatch(_drop_marks(bare)):
            wrong = signs or [sign for sign in word if not _is_letter(sign)]
            raise Rejected("name-sign", sign=wrong[0]) if wrong else Rejected("name")
        if closes and not inside:
            raise Rejected("name-sign", sign=")")
        if not inside:
            outside.append(word)
        inside = inside and not closes
    if inside:
        raise Rejected("name-sign", sign="(")
    if len(outside) < 2:
        raise Rejected("name")
    return " ".join(words)


def read_organisation(text: str) -> str:
    """The name of an organisation; raises Rejected when it is a legal form and nothing more."""
    words = re.findall(r"[^\W_]+", text.lower())
    if words and all(word in _LEGAL_FORM_WORDS for word in words):
        raise Rejected("organisation")
    return text


def _drop_stress_marks(text: str) -> str:
    """Without the accents that dictionaries put over Cyrillic vowels; those of ``й`` and José stay.

    They are separate characters, or, over ``е`` and ``и``, composed ones.
    """
    kept, letter = [], ""
    for sign in unicodedata.normalize("NFD", text):
        if sign in _STRESS_MARKS and letter in _VOWELS:
            continue
        if unicodedata.category(sign)[0] != "M":
            letter = sign.lower()
        kept.append(sign)
    return unicodedata.normalize("NFC", "".join(kept))


def _drop_marks(text: str) -> str:
    """Without the marks that some scripts set over or between letters."""
    return "".join(sign for sign in text if unicodedata.category(sign)[0] != "M")


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LM"
