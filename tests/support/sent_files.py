"""Files that the bot sent to a chat."""

from collections.abc import Sequence

from sandbox.bot_api.state import Message, Telegram


def list_sent_files(telegram: Telegram, messages: Sequence[Message]) -> list[tuple[str, bytes]]:
    """Names and bytes of the documents among the messages, oldest first."""
    return [
        (one["document"]["file_name"], telegram.files[one["document"]["file_id"]].data)
        for one in messages
        if "document" in one
    ]
