"""Verbs of segments."""

from setia.domains.segments.actions.editing import (
    UnableToSave,
    adopt,
    archive,
    ask_to_fill_all,
    change_segment,
    go_live,
    make_segment,
    restore,
    to_draft,
)
from setia.domains.segments.actions.filling import fill, fill_all
from setia.domains.segments.actions.judging import (
    judge_people,
    merge_standing,
    recheck_due,
    recount,
    unmerge_standing,
)
from setia.domains.segments.actions.lists import add_people, make_list, remove_people

__all__ = [
    "UnableToSave",
    "add_people",
    "adopt",
    "archive",
    "ask_to_fill_all",
    "change_segment",
    "fill",
    "fill_all",
    "go_live",
    "judge_people",
    "make_list",
    "make_segment",
    "merge_standing",
    "recheck_due",
    "recount",
    "remove_people",
    "restore",
    "to_draft",
    "unmerge_standing",
]
