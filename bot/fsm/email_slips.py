"""Slips of the keyboard in the domain of an email address, such as ``gmial.com``."""

#: Mail services that most consumers use.
_DOMAINS = (
    "gmail.com",
    "mail.ru",
    "yandex.ru",
    "yandex.com",
    "rambler.ru",
    "inbox.ru",
    "list.ru",
    "icloud.com",
    "outlook.com",
    "hotmail.com",
    "yahoo.com",
    "proton.me",
    "internet.ru",
)
#: Domains one slip away from a known one that are services of their own.
_REAL = frozenset({"mail.com", "ymail.com", "email.ru", "list.com", "inbox.com", "yandex.by"})
#: The right name with a wrong ending.
_ENDINGS = {
    "gmail.ru": "gmail.com",
    "gmail.con": "gmail.com",
    "gmail": "gmail.com",
    "icloud.ru": "icloud.com",
    "hotmail.ru": "hotmail.com",
    "mail.ry": "mail.ru",
}


def suggest_email(address: str) -> str | None:
    """The address that was probably meant; None when the domain shows no common slip."""
    name, _, domain = address.rpartition("@")
    if domain in _DOMAINS or domain in _REAL:
        return None
    meant = _ENDINGS.get(domain) or next(
        (known for known in _DOMAINS if _is_one_slip(domain, known)), None
    )
    return f"{name}@{meant}" if meant else None


def _is_one_slip(typed: str, known: str) -> bool:
    """Whether one letter is missing, added, wrong, or has changed places with the next one."""
    if abs(len(typed) - len(known)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(typed, known, strict=False)) if a != b), None)
    if at is None:
        return len(typed) != len(known)
    if len(typed) == len(known):
        swapped = typed[at : at + 2][::-1] == known[at : at + 2]
        return typed[at + 1 :] == known[at + 1 :] or (
            swapped and typed[at + 2 :] == known[at + 2 :]
        )
    shorter, longer = sorted((typed, known), key=len)
    return shorter[at:] == longer[at + 1 :]
