"""Texts for people: one Fluent file for each language, with the same keys in all of them.

The languages are the ``.ftl`` files of this folder: another file is another language.
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import Self

from fluent.runtime import FluentBundle
from fluent.syntax import FluentParser
from fluent.syntax.ast import Junk

PACKAGED = Path(__file__).parent

#: The language of the staff, and of a person who has chosen none.
_FIRST = "ru"
_SUFFIX = ".ftl"

_LONGEST_VALUE = 500
_REMEMBERED = 2000


class TextsError(Exception):
    """A wrong Fluent file; the message names language, line and reason."""


class Texts:
    """The texts of one language: ``texts("button-back")``, ``texts("step", number=1, total=7)``.

    Fluent's own parser reads the whole file at start: so terms and references between messages work
    and a wrong file is refused. Both languages, 819 messages each, take 150 ms of CPU. When they
    had 463 messages it was 85 ms and 1.3 MB; with positions of every node, 1.9 MB. To split the
    file by a regular expression and parse each message at its first use took 5 ms and 0.9 MB, but
    resolved neither.
    """

    def __init__(self, locale: str, source: str) -> None:
        """Raises TextsError."""
        self.locale = locale
        resource = FluentParser(with_spans=False).parse(source)
        for entry in resource.body:
            if isinstance(entry, Junk):
                wrong = entry.annotations[0]
                line = source.count("\n", 0, wrong.span.start if wrong.span else 0) + 1
                raise TextsError(f"{locale}{_SUFFIX}, line {line}: {wrong.message}")
        self._bundle = FluentBundle([locale], use_isolating=False)
        self._bundle.add_resource(resource)
        self._remembered = lru_cache(_REMEMBERED)(self._format)

    def __call__(self, key: str, **variables: str | int) -> str:
        """Raises KeyError for an unknown key, ValueError for a missing variable."""
        # A text with somebody's words in it stays out of the cache: it would hardly be used again.
        private = any(isinstance(value, str) for value in variables.values())
        return (self._format if private else self._remembered)(key, **variables)

    def _format(self, key: str, **variables: str | int) -> str:
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise KeyError(key)
        # Fluent refuses long values, such as the text of a request: they are put in afterwards.
        long = {
            name: value
            for name, value in variables.items()
            if isinstance(value, str) and len(value) > _LONGEST_VALUE
        }
        marks = {name: f"\ue000{name}\ue000" for name in long}
        words, errors = self._bundle.format_pattern(pattern, {**variables, **marks})
        if errors:
            raise ValueError(f"{key} ({self.locale}): {errors}")
        words = str(words).strip()
        for name, value in long.items():
            words = words.replace(marks[name], value)
        return words

    def has(self, key: str) -> bool:
        return bool(self._bundle.has_message(key))


class Translations:
    """The texts of all languages."""

    def __init__(self, texts: dict[str, Texts]) -> None:
        self._texts = texts
        #: The first one is spoken to people whose language is not among them.
        self.locales = tuple(texts)

    @classmethod
    def load(cls, folder: Path = PACKAGED) -> Self:
        """Reads every Fluent file of ``folder``; raises TextsError."""
        locales = sorted(
            (path.stem for path in folder.glob(f"*{_SUFFIX}")),
            key=lambda locale: (locale != _FIRST, locale),
        )
        return cls({locale: _read(folder / f"{locale}{_SUFFIX}") for locale in locales})

    def get_texts(self, locale: str) -> Texts:
        """The texts of a language, also for ``en-US``; of the first one for an unknown language."""
        language = locale.partition("-")[0]
        return self._texts.get(locale) or self._texts.get(language, self._texts[self.locales[0]])

    def get_names(self) -> dict[str, str]:
        """What each language calls itself, by locale."""
        return {locale: texts("language-name") for locale, texts in self._texts.items()}


@cache
def _read(path: Path) -> Texts:
    """Once in a process: all users share what is parsed and remembered."""
    return Texts(path.stem, path.read_text(encoding="utf-8"))
