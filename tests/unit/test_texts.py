"""Both languages say the same things, and nothing is said in vain."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fluent.syntax import ast, parse

from bot.texts import PACKAGED, Texts, TextsError, Translations

ROOT = Path(__file__).parents[2]
LOCALES = Translations.load().locales


def _read_messages(locale: str) -> dict[str, set[str]]:
    """Keys with the variables that each message names."""
    source = (PACKAGED / f"{locale}.ftl").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    key = ""
    for line in source.splitlines():
        if head := re.match(r"([a-z][\w-]*) =", line):
            key = head[1]
            assert key not in found, f"{key} stands twice in {locale}.ftl"
            found[key] = set()
        if key:
            found[key] |= set(re.findall(r"\$(\w+)", line))
    return found


def test_languages_have_the_same_keys_and_variables() -> None:
    known = {locale: _read_messages(locale) for locale in LOCALES}
    assert len(known[LOCALES[0]]) > 100
    faults = []
    for key in {key for one in known.values() for key in one}:
        variables = {locale: one.get(key) for locale, one in known.items()}
        missing = [locale for locale, names in variables.items() if names is None]
        faults += [f"{locale}.ftl: add the message {key}" for locale in missing]
        if not missing and len({frozenset(names or ()) for names in variables.values()}) > 1:
            faults.append(f"{key}: name the same variables: {variables}")
    assert not faults, "\n" + "\n".join(sorted(faults))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_message_is_well_formed(locale: str) -> None:
    texts = Translations.load().get_texts(locale)
    for key, names in _read_messages(locale).items():
        words = texts(key, **dict.fromkeys(names, 1))
        assert words, key
        assert "{" not in words, key


@pytest.mark.parametrize("locale", LOCALES)
def test_no_message_begins_or_ends_with_a_space(locale: str) -> None:
    """Spaces at its ends are cut off: whoever joins texts puts them between."""
    source = (PACKAGED / f"{locale}.ftl").read_text(encoding="utf-8")
    for message in parse(source).body:
        if isinstance(message, ast.Message) and message.value is not None:
            ends = [*_list_ends(message.value, 0), *_list_ends(message.value, -1)]
            assert not [one for one in ends if one != one.strip()], message.id.name


def _list_ends(pattern: ast.Pattern, at: int) -> Iterator[str]:
    """The quoted texts with which the pattern may begin (0) or end (-1)."""
    element = pattern.elements[at]
    expression = element.expression if isinstance(element, ast.Placeable) else None
    if isinstance(expression, ast.StringLiteral):
        yield expression.value
    elif isinstance(expression, ast.SelectExpression):
        for variant in expression.variants:
            yield from _list_ends(variant.value, at)


def test_no_message_is_left_over() -> None:
    """Each key is named in the code, whole or by the part before a variable."""
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("bot", "sandbox")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in {".py", ".html"}
    )
    whole = set(re.findall(r'["\x27]([a-z][\w-]*)["\x27]', code))
    names = set(re.findall(r'"([a-z]\w*)"', code))
    # In Python before a brace, in a template before a tilde.
    named = re.findall(r'f["\x27]([a-z][\w-]*-)\{|["\x27]([a-z][\w-]*-)["\x27] ~', code)
    beginnings = tuple({one or other for one, other in named} | {"form-", "choice-"})
    errors = {f"error-{code}" for code in whole}
    # Some errors are told apart by what the question expects.
    errors |= {
        f"{error}-{kind}" for error in errors for kind in ("words", "choice", "files", "table")
    }
    errors |= {f"error-upload-{code}" for code in whole}
    buttons = {f"button-{name}" for name in whole | {name.replace("_", "-") for name in names}}
    for key in _read_messages(LOCALES[0]):
        if key.startswith("error-"):
            assert key in errors, key
        elif key.startswith("button-") and not key.startswith("button-submit-"):
            assert key in buttons | whole or key.startswith(
                tuple(start for start in beginnings if start != "button-")
            ), key
        else:
            assert key in whole or key.startswith(beginnings), key


def test_the_languages_are_the_files() -> None:
    assert LOCALES == ("ru", "en")
    assert Translations.load().get_names() == {"ru": "Русский", "en": "English"}


def test_terms_and_references_between_messages_are_resolved() -> None:
    texts = Texts(
        "en",
        """
-brand = { $case ->
   *[plain] Cabinet
    [upper] CABINET
 }
    .gender = neuter
greeting = Welcome to { -brand }, { $name }!
shout = { -brand(case: "upper") }
both = { greeting } { shout } { hint.short }
hint = A longer hint
    .short = Hint
""",
    )
    assert texts("both", name="Anna") == "Welcome to Cabinet, Anna! CABINET Hint"
    assert not texts.has("brand")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("good = Yes\nbad\n", 2),
        ("good = Yes\n\nbad = { $count ->\n    [one] 1\n }\nnext = No\n", 5),
        ("bad = { \n", 2),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(source: str, line: int) -> None:
    with pytest.raises(TextsError, match=rf"^en\.ftl, line {line}: "):
        Texts("en", source)


def test_unknown_keys_and_missing_variables() -> None:
    texts = Translations.load().get_texts("ru")
    with pytest.raises(KeyError):
        texts("no-such-text")
    with pytest.raises(ValueError, match="step"):
        texts("step", number=1)
