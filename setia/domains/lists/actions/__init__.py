"""Verbs of lists."""

from setia.domains.lists.actions.bulk import (
    UnableToAct,
    check_act,
    forget_old_acts,
    note_trouble,
    run_act,
    run_undo,
    start_act,
    start_undo,
)
from setia.domains.lists.actions.views import (
    UnableToSave,
    change_view,
    copy_view,
    move_view,
    open_with,
    remove_view,
    restore_view,
    save_view,
)

__all__ = [
    "UnableToAct",
    "UnableToSave",
    "change_view",
    "check_act",
    "copy_view",
    "forget_old_acts",
    "move_view",
    "note_trouble",
    "open_with",
    "remove_view",
    "restore_view",
    "run_act",
    "run_undo",
    "save_view",
    "start_act",
    "start_undo",
]
