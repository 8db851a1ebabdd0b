"""What acts on many people say, in the reader's language."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from setia.domains.lists.models import BulkAct, BulkKind, BulkState

_STATES = {
    BulkState.COLLECTING: lambda: _("Getting ready"),
    BulkState.WORKING: lambda: _("At work"),
    BulkState.DONE: lambda: _("Done"),
    BulkState.FAILED: lambda: _("Stopped"),
    BulkState.UNDOING: lambda: _("Being taken back"),
    BulkState.UNDONE: lambda: _("Taken back"),
}
_REFUSALS = {
    "nobody": lambda: _("Choose at least one customer first."),
    "no_name": lambda: _("Write the tag’s name first."),
    "too_long": lambda: _("A tag has at most 40 letters."),
    "no_such_tag": lambda: _("There is no tag of this name."),
    "same_tag": lambda: _("Choose another tag than the one that goes."),
    "closed_account": lambda: _("This person’s account is closed. Choose somebody else."),
    "wrong_state": lambda: _("This can no longer be taken back."),
    "name_taken": lambda: _("Another tag has this name. Merge the two instead."),
    "no_act": lambda: _("Choose what is to be done."),
    "no_owner": lambda: _("Choose who is to look after them."),
    "too_many": lambda: _("You have 40 saved views; remove one first."),
}


def title(act: BulkAct) -> str:
    """Return what an act does, as a heading."""
    if act.kind == BulkKind.ASSIGN:
        return _("Looked after by {name}").format(name=act.owner.name) if act.owner else _("Looked after by nobody")
    words = {
        BulkKind.ADD_TAG: _("Tag “{name}” added"),
        BulkKind.REMOVE_TAG: _("Tag “{name}” taken off"),
        BulkKind.DELETE_TAG: _("Tag “{name}” deleted"),
        BulkKind.MERGE_TAGS: _("Tag “{name}” merged into “{other}”"),
    }
    return words[BulkKind(act.kind)].format(name=act.tag_name, other=act.other_name)


def done(act: BulkAct) -> str:
    """Return what an act has done, as a sentence for a toast."""
    count = act.changed_count
    changed = ngettext("{count} customer changed.", "{count} customers changed.", count).format(count=count)
    return f"{title(act)}: {changed}"


def state(act: BulkAct) -> str:
    """Return where an act stands."""
    return _STATES[BulkState(act.state)]()


def refusal(code: str) -> str:
    """Return why something cannot be done, and what to do instead."""
    return _REFUSALS[code]()
