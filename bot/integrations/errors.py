"""Errors of the outside world that callers must tell apart."""


class MailFailed(Exception):
    """The letter did not go.

    ``smtp_code``: what the server answered, such as ``554 5.7.1``; empty when it did not answer.
    """

    def __init__(self, reason: str, smtp_code: str = "") -> None:
        super().__init__(reason)
        self.smtp_code = smtp_code


class MailRetry(MailFailed):
    """The letter did not go now and may go later."""


class MailRefused(MailFailed):
    """The letter will never go: its recipient or its content was refused."""


class MailTooBig(MailRefused):
    """The letter is refused for its size; a smaller one may go."""


class WrongMailServer(Exception):
    """The mail server is not what the settings say; the message is one line: what to do."""


class StoreUnavailable(ConnectionError):
    """The file store does not answer, refuses or is full; it is waited for like the database."""


class FileMissing(Exception):
    """The file store holds nothing under the key."""


class FileDamaged(Exception):
    """The file store returned other bytes than were put there."""


class FileInfected(Exception):
    """The virus scanner found something in the file, whose bytes are gone."""


class ScannerUnavailable(OSError):
    """The virus scanner gives no verdict now and may give one later."""


class AskueFailed(Exception):
    """ASKUE gave no data.

    ``code``: ``refused`` (identifier or password), ``busy``, ``down``, ``slow``, or ``strange``
    (not the answer that was agreed on).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class LimitExceeded(Exception):
    """A call in a worker process used more than its WorkerLimits.

    ``limit``: ``time`` or ``memory``.
    """

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


class WorkerDied(Exception):
    """The worker process ended during the call; the next call starts another process."""


class WorkerCallFailed(Exception):
    """The called function raised; the text is the type and the place of its error."""
