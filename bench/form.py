"""The load that all contestants get: people who fill in a form of three typed questions."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from tests.support.phone import PATIENCE_SECONDS, Phone

#: What one person does, over and over: words to write, or words of the button to press.
Deed = tuple[str, str]

FORM: tuple[Deed, ...] = (
    ("say", "/start"),
    ("press", "Регистрация"),
    ("press", "Физическое лицо"),
    ("say", "Иванова Анна Петровна"),
    ("say", "anna.ivanova@example.ru"),
    ("say", "8 912 345-67-89"),
    ("say", "/cancel"),
)
#: As many messages and presses for a bot that answers each with a button «Назад».
ECHO: tuple[Deed, ...] = tuple((deed, words if deed == "say" else "Назад") for deed, words in FORM)


@dataclass(slots=True)
class Load:
    """Deeds at a fixed rate, whoever of the people is free; how long each took to be answered."""

    rate: float
    deeds: tuple[Deed, ...]
    seconds: list[float] = field(default_factory=list)
    _next: float = 0.0

    async def run(self, people: list[Phone], rounds: int) -> None:
        self._next = perf_counter()
        await asyncio.gather(*(self._person(one, rounds) for one in people))

    async def _person(self, phone: Phone, rounds: int) -> None:
        for _ in range(rounds):
            for deed, words in self.deeds:
                await self._turn()
                begun = perf_counter()
                await answered(phone, say if deed == "say" else press, words)
                self.seconds.append(perf_counter() - begun)

    async def _turn(self) -> None:
        at = self._next = max(self._next + 1 / self.rate, perf_counter() - 1)
        await asyncio.sleep(at - perf_counter())

    def percentile(self, share: float) -> float:
        """Milliseconds within which so large a share was answered."""
        return sorted(self.seconds)[int(len(self.seconds) * share)] * 1000


async def answered(phone: Phone, deed: Callable[[Phone, str], None], words: str) -> None:
    """Until the person sees another screen: a message with buttons, new or with other words."""
    before, text = _screen(phone)
    deed(phone, words)

    def shown() -> bool:
        now, other = _screen(phone)
        # Buttons of the old screen may go before the new one comes.
        return now > before or (now == before and other != text)

    if not await phone.telegram.until(shown, PATIENCE_SECONDS):
        raise TimeoutError(f"no answer, still {phone.screen!r}")


def _screen(phone: Phone) -> tuple[int, str]:
    for one in reversed(phone.messages):
        # What takes a keyboard away is no screen.
        if {"inline_keyboard", "keyboard"} & (one.get("reply_markup") or {}).keys():
            return one["message_id"], str(one.get("text"))
    return 0, ""


def say(phone: Phone, words: str) -> None:
    phone.telegram.send(phone.user_id, phone.user_id, text=words)


def press(phone: Phone, words: str) -> None:
    message, button = phone.button(words)
    phone.telegram.press(
        phone.user_id, phone.user_id, message["message_id"], button["callback_data"]
    )


async def answer_times(phone: Phone, count: int) -> list[float]:
    """Milliseconds to each answer, sorted."""
    times = []
    for _ in range(count):
        begun = perf_counter()
        await answered(phone, say, "/menu")
        times.append((perf_counter() - begun) * 1000)
    return sorted(times)
