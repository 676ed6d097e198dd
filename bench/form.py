"""The load of all competitors: people who fill in a form of three typed questions."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from tests.support.phone import PATIENCE_SECONDS, Phone

#: An action of a person: ``say`` and the text, or ``press`` and the label of the button.
UserAction = tuple[str, str]

FORM: tuple[UserAction, ...] = (
    ("say", "/start"),
    ("press", "Регистрация"),
    ("press", "Согласен"),
    ("press", "Физическое лицо"),
    ("say", "Иванова Анна Петровна"),
    ("say", "anna.ivanova@example.ru"),
    ("say", "8 912 345-67-89"),
    ("say", "/cancel"),
    ("press", "Удалить черновик"),
)
#: As many messages and presses for a bot that answers each with a button «Назад».
_ECHO: tuple[UserAction, ...] = tuple(
    (kind, words if kind == "say" else "Назад") for kind, words in FORM
)


def list_actions(*, echoes: bool) -> tuple[UserAction, ...]:
    """The form, or as many actions for a bot that only ``echoes``."""
    return _ECHO if echoes else FORM


@dataclass(slots=True)
class Load:
    """Actions at a fixed rate by any free person; ``seconds``: the time to each answer."""

    rate: float
    actions: tuple[UserAction, ...]
    seconds: list[float] = field(default_factory=list)
    _next: float = 0.0

    async def run(self, people: list[Phone], rounds: int) -> None:
        self._next = perf_counter()
        await asyncio.gather(*(self._run_person(one, rounds) for one in people))

    async def _run_person(self, phone: Phone, rounds: int) -> None:
        for _ in range(rounds):
            for kind, words in self.actions:
                await self._wait_turn()
                started = perf_counter()
                await wait_for_answer(phone, send_text if kind == "say" else press, words)
                self.seconds.append(perf_counter() - started)

    async def _wait_turn(self) -> None:
        at = self._next = max(self._next + 1 / self.rate, perf_counter() - 1)
        await asyncio.sleep(at - perf_counter())

    def compute_percentile(self, share: float) -> float:
        """Milliseconds within which this share of actions was answered."""
        return sorted(self.seconds)[int(len(self.seconds) * share)] * 1000


async def wait_for_answer(
    phone: Phone,
    kind: Callable[[Phone, str], None],
    words: str,
    patience: float = PATIENCE_SECONDS,
) -> None:
    """Does an action and waits for another screen: a message with buttons, new or changed."""
    before, text = _find_screen(phone)
    kind(phone, words)

    def is_shown() -> bool:
        now, other = _find_screen(phone)
        # Buttons of the old screen may go before the new one comes.
        return now > before or (now == before and other != text)

    if not await phone.telegram.wait_until(is_shown, patience):
        raise TimeoutError(f"no answer, still {phone.screen!r}")


def _find_screen(phone: Phone) -> tuple[int, str]:
    # From the newest one: whoever gets thousands of answers shall not slow the measurement down.
    for one in reversed(phone.telegram.chats[phone.user_id].messages.values()):
        # A message that only removes a keyboard is no screen.
        keyboards = {"inline_keyboard", "keyboard"} & (one.get("reply_markup") or {}).keys()
        if keyboards and one["from"]["is_bot"]:
            return one["message_id"], str(one.get("text"))
    return 0, ""


def send_text(phone: Phone, words: str) -> None:
    phone.telegram.send(phone.user_id, phone.user_id, text=words)


def press(phone: Phone, words: str) -> None:
    message, button = phone.find_button(words)
    phone.telegram.press(
        phone.user_id, phone.user_id, message["message_id"], button["callback_data"]
    )


async def measure_answers(phone: Phone, count: int) -> list[float]:
    """Milliseconds to each answer, sorted."""
    times = []
    # Above thousands of a person's own messages the screen would take long to find.
    messages = phone.telegram.chats[phone.user_id].messages
    for own in phone.own_messages:
        del messages[own["message_id"]]
    for _ in range(count):
        started = perf_counter()
        await wait_for_answer(phone, send_text, "/menu")
        times.append((perf_counter() - started) * 1000)
    return sorted(times)
