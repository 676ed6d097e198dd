"""Forced exit: the process ends in time even when a thread or a child process does not."""

import logging
import multiprocessing
import os
import sys
import threading

log = logging.getLogger(__name__)


def force_exit_after(seconds: float) -> None:
    """Ends the process after so many seconds if it is still there then; returns at once.

    Python waits at its end for every thread, and a thread cannot be stopped: one that hashes a
    password or reads a file would keep a process that was told to stop. What it has not done is
    done anew after the next start.
    """
    timer = threading.Timer(seconds, _exit_now)
    timer.daemon = True
    timer.start()


def _exit_now() -> None:
    log.warning("a server, a thread or a child process did not end in time and is left")
    for child in multiprocessing.active_children():
        child.kill()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)
