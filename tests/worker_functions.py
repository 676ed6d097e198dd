"""Pieces of work for a worker process. Nothing is imported that would cost it time."""

import os
import pathlib
import time


def spin() -> None:
    while True:
        pass


def stall_on(path: str) -> None:
    """Tells that it has begun, and does not end."""
    pathlib.Path(path).write_text("begun")
    time.sleep(3600)


def environment() -> list[str]:
    return list(os.environ)


def class_of_ours() -> object:
    return pathlib.PurePosixPath("/")


def print_much() -> int:
    os.write(1, b"no answer" * 1000)
    os.write(2, b"no complaint")
    return 1
