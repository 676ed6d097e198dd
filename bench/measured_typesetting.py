"""Runs in the worker process, and so imports nothing but what makes documents."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.integrations.typesetting import Templates, render_pdf


def render_measured(
    templates: Templates, template: str, content: Mapping[str, Any]
) -> tuple[float, float]:
    """CPU of a document in ms, and the most memory its process had, in MB."""
    before = time.process_time()
    render_pdf(templates, template, content)
    spent = (time.process_time() - before) * 1000
    # Not from getrusage: that counts what the parent held when it forked.
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return spent, int(peak.split()[1]) / 1024
