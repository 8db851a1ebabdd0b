"""Verbs of the timeline: notes and contacts."""

from setia.domains.timeline.actions.contacts import (
    UnableToLogInteraction,
    log_interaction,
    record_interactions,
    remove_interaction,
    remove_interactions_of_import,
)
from setia.domains.timeline.actions.notes import LONGEST_NOTE, UnableToWriteNote, remove_note, write_note

__all__ = [
    "LONGEST_NOTE",
    "UnableToLogInteraction",
    "UnableToWriteNote",
    "log_interaction",
    "record_interactions",
    "remove_interaction",
    "remove_interactions_of_import",
    "remove_note",
    "write_note",
]
