"""How long a stranger waits: from a clean clone to the first page of the demo shop."""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.shops import ROOT, free_port, wait_for


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Clone, `make demo`, first page; then start again. `small` skips the installation by using this environment."""
    scratch = Path(tempfile.mkdtemp(prefix="setia-start-"))
    figures: dict[str, Any] = {"bench": "start", "scale": options.scale}
    env = {key: value for key, value in os.environ.items() if not key.startswith(("SETIA_", "DJANGO_", "VIRTUAL"))}
    env.pop("DATABASE_URL", None)
    env["SETIA_HOME"] = str(scratch / "home")
    try:
        started = time.monotonic()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(scratch / "clone")], check=True)
        if options.scale == "full":
            subprocess.run(
                ["make", "-s", "setup"], cwd=scratch / "clone", env=env, check=True, stdout=subprocess.DEVNULL
            )
            figures["install_seconds"] = round(time.monotonic() - started, 1)
            command = [str(scratch / "clone" / ".venv" / "bin" / "setia")]
        else:
            command = [str(ROOT / ".venv" / "bin" / "setia")]
        figures["clone_to_first_page_seconds"] = round(_start(command, env, started), 1)
        figures["second_start_seconds"] = round(_start(command, env, time.monotonic()), 1)
        figures["idle_mib"] = _idle_mib(command, env)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return figures


def _start(command: list[str], env: dict[str, str], since: float) -> float:
    process, port = _demo(command, env)
    try:
        wait_for(f"http://127.0.0.1:{port}/account/login/", 120)
        return time.monotonic() - since
    finally:
        process.terminate()
        process.wait(30)


def _demo(command: list[str], env: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    port = free_port()
    silent = subprocess.DEVNULL
    return subprocess.Popen([*command, "demo", "--port", str(port)], env=env, stdout=silent, stderr=silent), port


def _idle_mib(command: list[str], env: dict[str, str]) -> float:
    """Return the private memory (PSS) of web and worker together after the first pages."""
    process, port = _demo(command, env)
    try:
        for _ in range(8):
            wait_for(f"http://127.0.0.1:{port}/account/login/", 60)
        time.sleep(1.5)
        return round(sum(_pss_kib(pid) for pid in _family(process.pid)) / 1024, 1)
    finally:
        process.terminate()
        process.wait(30)


def _family(root: int) -> list[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
    family = [root]
    for pid in family:
        family += [child for child, parent in parents.items() if parent == pid]
    return family


def _pss_kib(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
