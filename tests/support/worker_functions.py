"""Functions that tests run in a worker process. Imports little: each process imports it anew."""

import os
import pathlib
import time


def loop_forever() -> None:
    while True:
        pass


def write_pid_and_sleep(path: str) -> None:
    """Writes the id of the process, which shows that the call has begun; sleeps for an hour."""
    pathlib.Path(path).write_text(str(os.getpid()))
    time.sleep(3600)


def list_variables() -> list[str]:
    return list(os.environ)


def make_path() -> object:
    """Returns a value that is no plain one."""
    return pathlib.PurePosixPath("/")


def print_garbage() -> int:
    """Writes to the standard output and error, where results must not be looked for."""
    os.write(1, b"no result" * 1000)
    os.write(2, b"no error")
    return 1
