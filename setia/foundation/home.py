"""Where everything a shop owns lies: one folder, `SETIA_HOME`, readable by its owner only."""

import contextlib
import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """Return the shop's folder, made on first use with mode 0700.

    `SETIA_HOME` names it; without it the user's data folder of the operating system is taken.
    """
    named = os.environ.get("SETIA_HOME", "").strip()
    path = Path(named).expanduser() if named else Path(platformdirs.user_data_dir("setia", appauthor=False))
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        # Made by hand, or by a package: customers' data is nobody else's business on this machine.
        with contextlib.suppress(PermissionError):
            path.chmod(0o700)
    return path.resolve()


def folder(name: str) -> Path:
    """Return a folder inside the shop's home, made on first use with mode 0700."""
    path = home() / name
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_private(path: Path, content: bytes) -> None:
    """Replace a file atomically, readable by its owner only; a crash leaves the old or the new one, never half."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
