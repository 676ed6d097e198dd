"""Programs of Debian that tests start or ask: without them a test is left out, but never in CI."""

import os

import pytest


def require_program(found: object, package: str) -> pytest.MarkDecorator:
    """Leaves the test out unless the program was found, or this is CI, which installs it."""
    absent = not found and "CI" not in os.environ
    return pytest.mark.skipif(absent, reason=f"{package} is not installed")
