"""The files of exports: readable by the shop's own user only, gone after a week."""

import shutil
from pathlib import Path

from setia.domains.exports.models import Export
from setia.foundation import home


def folder(export_id: int) -> Path:
    """Return the folder of an export."""
    return home.folder("exports") / str(export_id)


def path_of(record: Export) -> Path:
    """Return the path of an export's file."""
    return folder(record.id) / f"file.{record.form}"


def fresh_folder(export_id: int) -> Path:
    """Return the folder of an export, emptied: what a killed run left half written goes."""
    remove(export_id)
    path = folder(export_id)
    path.mkdir(mode=0o700, parents=True)
    return path


def remove(export_id: int) -> None:
    """Remove every file of an export."""
    shutil.rmtree(folder(export_id), ignore_errors=True)


def strays(known: set[int]) -> set[int]:
    """Return exports of which a folder is there though it should not be."""
    return {int(path.name) for path in home.folder("exports").iterdir() if path.name.isdigit()} - known
