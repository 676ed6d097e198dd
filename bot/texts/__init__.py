"""Words for people: Fluent files, one a language, the same keys in each."""

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Self

from fluent.runtime import FluentBundle, FluentResource

#: The first one is spoken until a person chooses another.
LOCALES = ("ru", "en")

_LONGEST_VALUE = 500
_REMEMBERED = 2000

#: A message begins where a line does; all that belongs to it is indented or a closing brace.
_MESSAGES = re.compile(r"^([a-zA-Z][\w-]*) *=.*(?:\n(?![a-zA-Z#-]).*)*", re.MULTILINE)


class Texts:
    """The words of one language: ``texts("button-back")``, ``texts("step", number=1, total=7)``."""

    def __init__(self, locale: str, source: str) -> None:
        self.locale = locale
        self._bundle = FluentBundle([locale], use_isolating=False)
        # Parsing all of them takes a fifth of a second and 4 MB; no message refers to another.
        self._sources = {found[1]: found[0] for found in _MESSAGES.finditer(source)}
        self._remembered = lru_cache(_REMEMBERED)(self._format)

    def __call__(self, key: str, **variables: str | int) -> str:
        """Raises KeyError for an unknown key, ValueError for a missing variable."""
        # What holds people's words is not kept, and would hardly be asked for again.
        private = any(isinstance(value, str) for value in variables.values())
        return (self._format if private else self._remembered)(key, **variables)

    def _format(self, key: str, **variables: str | int) -> str:
        if not self._bundle.has_message(key):
            self._bundle.add_resource(FluentResource(self._sources[key]))
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise KeyError(key)
        # Fluent refuses long values, such as the text of a request: they take their place after it.
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
        return key in self._sources


class Translations:
    """All languages."""

    def __init__(self, texts: dict[str, Texts]) -> None:
        self._texts = texts
        self.locales = tuple(texts)

    @classmethod
    def load(cls) -> Self:
        return cls({locale: _read(locale) for locale in LOCALES})

    def get_texts(self, locale: str) -> Texts:
        """An unknown language gets the first one."""
        return self._texts.get(locale, self._texts[self.locales[0]])


@cache
def _read(locale: str) -> Texts:
    """Once in a process: what is parsed and remembered serves all."""
    return Texts(locale, (files(__package__) / f"{locale}.ftl").read_text(encoding="utf-8"))
