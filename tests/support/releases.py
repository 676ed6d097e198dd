"""Code of earlier releases, which runs beside the present code.

``tests/releases`` holds the newest release as an archive, since a shallow clone has no older
commits. CONTRIBUTING.md, "Release", says how it is made.
"""

import tarfile
from pathlib import Path

from tests.support.fork_server import ROOT

RELEASE_BEFORE = "0.2.0"


def unpack_release(folder: Path) -> Path:
    """The folder of its ``main.py``; fonts, which do not change, are those of this checkout."""
    with tarfile.open(ROOT / "tests" / "releases" / f"{RELEASE_BEFORE}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    (folder / "bot" / "fonts").symlink_to(ROOT / "bot" / "fonts")
    return folder
