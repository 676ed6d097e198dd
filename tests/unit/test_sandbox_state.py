"""The sandbox's state between two runs: JSON, for its owner alone, and the same as before."""

import json
import os
import stat
from pathlib import Path

from sandbox.playground import STAFF_CHAT_ID, Playground


async def test_everything_comes_back(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        ground = Playground(tmp_path)
        ground.load()
        telegram = ground.telegram
        telegram.chats[STAFF_CHAT_ID].restricted.add(102)
        telegram.chats[STAFF_CHAT_ID].is_forum = True
        (anna,) = (one for one in telegram.chats.values() if one.type == "private")
        telegram.send(anna.id, anna.id, text="/start")
        telegram.send_file(anna.id, anna.id, b"\x00\xff%PDF", "Акт.pdf", "application/pdf")
        ground.advance_clock(5)
        ground.save()
    finally:
        os.umask(before)
    state = tmp_path / "telegram.json"
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    json.loads(state.read_bytes())

    again = Playground(tmp_path)
    again.load()
    assert again.telegram.dump() == telegram.dump()
    assert again.telegram.chats == telegram.chats
    assert again.telegram.files == telegram.files
    assert again.telegram.token == telegram.token
    assert again.bot.hours_ahead == 5
    # It goes on, and no number is given twice.
    numbers = set(again.telegram.chats[anna.id].messages)
    assert again.telegram.send(anna.id, anna.id, text="Ещё")["message_id"] not in numbers
