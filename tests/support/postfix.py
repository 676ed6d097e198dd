"""Postfix, with a folder of its own: takes letters for everybody and delivers none."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import chown

from tests.support.listening import wait_until_it_listens
from tests.support.world import find_free_port

#: Bytes of the largest letter.
SIZE_LIMIT = 20_000
#: Its relay does not take letters to this address.
BANNED = "banned@elsewhere.example"
#: Nobody has this address.
UNKNOWN = "nobody@grid.example"

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = relay.example
mydestination =
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = grid.example
virtual_mailbox_maps = inline:{{ {{ anna@grid.example = anna }} }}
virtual_transport = discard
default_transport = discard
mynetworks = 127.0.0.0/8
smtpd_recipient_restrictions =
    check_recipient_access inline:{{ {{ {banned} = REJECT }} }}, permit_mynetworks, reject
message_size_limit = {size_limit}
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
"""

_MASTER = """
{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


def is_startable() -> bool:
    """Whether it is installed here and may be started: its master runs as root."""
    return Path("/usr/sbin/postfix").exists() and os.geteuid() == 0


@asynccontextmanager
async def run_postfix() -> AsyncIterator[int]:
    """Yields its port."""
    port = find_free_port()
    with tempfile.TemporaryDirectory(prefix="postfix-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("etc", "queue", "data"):
            (folder / part).mkdir(mode=0o755)
        chown(folder / "data", "postfix")
        main = _MAIN.format(folder=folder, banned=BANNED, size_limit=SIZE_LIMIT)
        (folder / "etc/main.cf").write_text(main)
        (folder / "etc/master.cf").write_text(_MASTER.format(port=port))
        process = await asyncio.create_subprocess_exec(
            *("/usr/sbin/postfix", "-c", folder / "etc", "start-fg"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            await wait_until_it_listens(process, port)
            yield port
        finally:
            pid = folder / "queue/pid/master.pid"
            if pid.exists():
                os.kill(int(pid.read_text()), 15)
            elif process.returncode is None:
                process.terminate()
            await process.wait()
