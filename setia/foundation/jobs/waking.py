"""Waking sleeping workers at once when there is work, instead of at their next look.

Each worker of this machine listens on a named pipe; one byte wakes it. A worker on another machine finds the work
at its next poll, a quarter of a second later.
"""

import contextlib
import os
import select
from pathlib import Path

from setia.foundation import home


def _folder() -> Path:
    path = home.folder("run") / "wake"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def wake_workers() -> None:
    """Wake every worker on this machine; pipes that dead workers left are removed."""
    for pipe in _folder().iterdir():
        try:
            descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            with contextlib.suppress(OSError):
                pipe.unlink()
            continue
        # A full pipe has woken the worker already.
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            os.write(descriptor, b"!")
        os.close(descriptor)


class Alarm:
    """The listening end, held by one worker."""

    def __init__(self) -> None:
        self._path = _folder() / str(os.getpid())
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        os.mkfifo(self._path, 0o600)
        # Opened for both ends, so that it never reads end-of-file when the last writer leaves.
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)

    def wait(self, seconds: float) -> None:
        """Sleep until woken, for at most so many seconds."""
        ready, _, _ = select.select([self._descriptor], [], [], seconds)
        if ready:
            with contextlib.suppress(BlockingIOError):
                while len(os.read(self._descriptor, 4096)) == 4096:
                    pass

    def close(self) -> None:
        """Stop listening."""
        os.close(self._descriptor)
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
