"""Asks OSV, which also knows PyPI's advisories, about every locked package.

Exit code 1 when one is known to be vulnerable. Where nobody answers nothing is checked, which is
said and is no failure: a build must not depend on somebody else's server.
"""

import json
import os
import re
import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[1]
OSV = os.environ.get("OSV_URL", "https://api.osv.dev/v1/querybatch")
SECONDS = 15
#: Advisories that do not concern us, with the reason: ``{"GHSA-…": "we never …"}``.
ACCEPTED: dict[str, str] = {}


def locked() -> list[tuple[str, str]]:
    """Name and version of every package of the lock files."""
    lines = "\n".join(path.read_text() for path in sorted(ROOT.glob("requirements*.lock")))
    return sorted(set(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lines, re.MULTILINE)))


def advisories(packages: list[tuple[str, str]]) -> dict[str, list[str]]:
    """By package, the ids of what is known about it; raises OSError, ValueError."""
    queries = [
        {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
        for name, version in packages
    ]
    body = json.dumps({"queries": queries}).encode()
    request = Request(OSV, body, {"Content-Type": "application/json"})  # noqa: S310 (ours)
    with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        results = json.load(answer)["results"]
    return {
        f"{name} {version}": ids
        for (name, version), found in zip(packages, results, strict=True)
        if (ids := [one["id"] for one in found.get("vulns", []) if one["id"] not in ACCEPTED])
    }


def main() -> int:
    packages = locked()
    try:
        found = advisories(packages)
    except (URLError, OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"{len(packages)} packages were not checked: {error}\n")
        return 0
    for package, ids in found.items():
        sys.stderr.write(f"{package}: {', '.join(ids)}\n")
    sys.stderr.write(f"{len(packages)} packages checked, {len(found)} vulnerable\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
