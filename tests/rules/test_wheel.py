"""The wheel holds all that a shop runs on: pages, styles, translations, migrations; and nothing else."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = {".py", ".html", ".txt", ".css", ".js", ".svg", ".po", ".json", ".typed"}
BUILD = "from setuptools import build_meta; print(build_meta.build_wheel({target!r}))"


def test_the_wheel_holds_every_file_of_the_package_and_compiled_translations(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "wheel"
    target.mkdir()
    left_out = shutil.ignore_patterns("__pycache__", "*.mo")
    shutil.copytree(ROOT / "setia", source / "setia", ignore=left_out)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-c", BUILD.format(target=str(target))]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    (wheel,) = target.glob("setia-*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if not name.split("/")[0].endswith(".dist-info")}
    files = {path for path in (ROOT / "setia").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    ours = {str(path.relative_to(ROOT)) for path in files if path.suffix in BUILT or path.name == "py.typed"}
    assert sorted(ours - names) == []
    assert sorted(names - ours) == ["setia/locale/id/LC_MESSAGES/django.mo"]
