"""Modes and owners of files: what holds personal data is for its owner alone."""

import logging
import os
import stat
from pathlib import Path

log = logging.getLogger(__name__)

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def give_to_folder_owner(path: Path) -> None:
    """As root: gives a file, or a folder with all in it, to the owner of the folder around it."""
    if os.geteuid() != 0 or not path.exists():
        return
    owner = path.parent.stat()
    for one in (path, *path.rglob("*")):
        os.chown(one, owner.st_uid, owner.st_gid)


def _is_of_system(path: Path) -> bool:
    """Whether it is a folder that root may have for other programs as well."""
    if os.geteuid() != 0 or not path.is_dir():
        return False
    here = Path.cwd()
    return here == Path(here.root) or not path.resolve().is_relative_to(here)


def make_private(path: Path) -> None:
    """Takes the rights of group and others from a file or folder, if it is there and is ours.

    The working directory, folders that everybody writes to, and as root all folders outside of the
    working directory, such as ``/var/lib``, are left as they are: others may need them.
    New files get theirs by the mask of ``main.py``; this is for those of earlier editions.
    """
    try:
        found = path.stat()
        shared = path.samefile(Path.cwd()) or found.st_mode & stat.S_ISVTX or _is_of_system(path)
        if not shared and found.st_mode & _OTHERS and found.st_uid == os.geteuid():
            path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
    except FileNotFoundError:
        return
    except OSError as error:
        # A file system without modes, such as that of a removable disk.
        log.warning("rights of others on %s stay: %s", path.name, type(error).__name__)
