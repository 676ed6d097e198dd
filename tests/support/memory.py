"""Memory of processes, in megabytes of 1024² bytes, as Linux counts it."""

from pathlib import Path


def read_peak_mb(pid: int) -> float:
    """The most memory a process held, ever or since ``reset_peak_mb``."""
    status = Path("/proc", str(pid), "status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def reset_peak_mb(pid: int) -> float:
    """Counts the peak from now on; returns the memory that the process holds now."""
    Path("/proc", str(pid), "clear_refs").write_text("5")
    return read_peak_mb(pid)
