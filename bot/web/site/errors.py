"""Errors that middlewares turn into pages."""


class PageError(Exception):
    """Answered by a page: its text is ``site-error-{code}``, its heading ``…-title``.

    ``minutes``: when to try again, where that is known.
    """

    def __init__(self, status: int, code: str | None = None, *, minutes: int | None = None) -> None:
        self.minutes = minutes
        self.status = status
        self.code = code or str(status)
        super().__init__(self.code)


class LoginNeeded(Exception):
    """A guest asked for a page of an account: the access form comes first.

    ``kept``: what was sent is there after the login, and the access form says so.
    """

    def __init__(self, *, kept: bool = False) -> None:
        self.kept = kept
        super().__init__()
