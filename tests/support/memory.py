"""Memory of processes, in megabytes of 1024² bytes, as Linux counts it."""

from pathlib import Path


def read_memory_mb(pid: int) -> float:
    """The memory that a process holds now."""
    return _read_status(pid, "VmRSS")


def read_peak_mb(pid: int) -> float:
    """The most memory a process held, ever or since ``reset_peak_mb``."""
    return _read_status(pid, "VmHWM")


def reset_peak_mb(pid: int) -> float:
    """Counts the peak from now on; returns the memory that the process holds now."""
    Path("/proc", str(pid), "clear_refs").write_text("5")
    return read_peak_mb(pid)


def _read_status(pid: int, name: str) -> float:
    """A process that has ended, and waits for its parent to notice, holds none."""
    status = Path("/proc", str(pid), "status").read_text()
    line = next((line for line in status.splitlines() if line.startswith(f"{name}:")), None)
    return int(line.split()[1]) / 1024 if line else 0.0
