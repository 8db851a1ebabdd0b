"""Making and changing a rule: as a form, or as text; counted before it is saved."""

import hashlib
import json
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from setia.console.doors import StaffRequest, staff_only
from setia.console.once import only_once
from setia.console.people import shown_people
from setia.console.segment_forms import Shown, changed, draft_of, fresh, node_of, posted
from setia.console.segment_words import SAVING, trouble
from setia.console.toasts import say_done
from setia.console.views.segments import rule_of, segment_or_404, sentences
from setia.domains.commerce.queries import counters_of_people
from setia.domains.segments import actions, previewing, queries
from setia.domains.segments.models import Preview, PreviewState, Segment
from setia.domains.segments.names import ShopNames
from setia.domains.segments.rules.errors import BadRule
from setia.domains.segments.rules.text import LONGEST_TEXT, parse, written
from setia.domains.segments.rules.tree import Node, as_json, checked, tidied
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock


@staff_only(Capability.EDIT_SEGMENTS, "GET", "POST")
def add(request: StaffRequest) -> HttpResponse:
    """A new segment by rule."""
    require_all_outlets(request.user)
    return _build(request, None)


@staff_only(Capability.EDIT_SEGMENTS, "GET", "POST")
def edit(request: StaffRequest, segment_id: int) -> HttpResponse:
    """Another rule, name or description for a segment."""
    segment = segment_or_404(request, segment_id)
    return _build(request, segment)


class _Typed:
    """What somebody has in the form: the rule as parts or as text, and the rule it makes, if it makes one."""

    def __init__(self, request: StaffRequest, segment: Segment | None) -> None:
        self.names = ShopNames()
        self.error = ""
        self.node: Node | None = None
        data = request.POST
        self.act = data.get("do", "") if request.method == "POST" else ""
        self.as_text = data.get("as", request.GET.get("as", "")) == "text"
        self.name = data.get("name", segment.name if segment else "")[:80]
        self.description = data.get("description", segment.description if segment else "")[:300]
        self.text, self.draft = "", fresh()
        if request.method == "POST":
            self._read(data)
        elif segment is not None and segment.rule:
            self.node = rule_of(segment)
            if self.node is None:
                self.error = _("This rule was written by a newer version of Setia and cannot be changed here.")
        if self.node is not None and request.method != "POST":
            self.draft, self.text = draft_of(self.node, self.names), written(self.node, self.names)

    def _read(self, data: Any) -> None:
        try:
            if self.as_text:
                self.text = data.get("text", "")[: LONGEST_TEXT + 1]
                self.node = parse(self.text, self.names)
                self.draft = draft_of(self.node, self.names)
            else:
                self.draft = changed(posted(data), self.act)
                self.node = checked(tidied(node_of(self.draft, self.names)))
                self.text = written(self.node, self.names)
        except BadRule as error:
            self.error = trouble(error)
            if self.as_text and error.code != "empty":
                place = _("At character {place}: …{rest}").format(place=error.at + 1, rest=self.text[error.at :][:30])
                self.error = f"{self.error} {place}"

    @property
    def mark(self) -> str:
        """Return a mark of the rule, by which the page knows that its people were shown before saving."""
        plain = json.dumps(as_json(self.node), sort_keys=True) if self.node is not None else ""
        return hashlib.blake2b(plain.encode(), digest_size=8).hexdigest()


def _build(request: StaffRequest, segment: Segment | None) -> HttpResponse:
    typed = _Typed(request, segment)
    preview, problem = None, ""
    if typed.act in ("as_text", "as_form") and typed.node is not None:
        typed.as_text = typed.act == "as_text"
    is_editing = typed.act.partition(":")[0] in ("add", "group", "drop", "refresh", "as_text", "as_form")
    wants_save = typed.act in ("draft", "live", "save")
    if request.method == "POST" and typed.node is not None and not is_editing:
        if wants_save and _is_seen(request, segment, typed):
            saved = _save(request, segment, typed)
            if isinstance(saved, Segment):
                return redirect("console:segment", saved.id)
            problem = saved
        else:
            preview = previewing.ask(node=typed.node, segment=segment, by=request.user, at=clock.now())
    context = _context(request, segment, typed)
    context |= {"problem": problem, "wants_confirming": wants_save and preview is not None}
    context |= preview_context(request, preview) if preview is not None else {}
    # A button that only adds a part shows no faults: nobody has finished typing.
    context["error"] = "" if is_editing and typed.act not in ("as_text", "as_form") else typed.error
    is_part = bool(request.htmx)  # type: ignore[attr-defined]
    template = "console/parts/segment_builder.html" if is_part else "console/segment_form.html"
    failed = request.method == "POST" and not is_editing and (problem or typed.node is None)
    # htmx shows no answer that is an error.
    return render(request, template, context, status=422 if failed and not is_part else 200)


def _is_seen(request: StaffRequest, segment: Segment | None, typed: _Typed) -> bool:
    """Tell whether a rule may be saved now: of a live segment only once its comers and leavers were shown."""
    if segment is None or not segment.is_live or typed.node is None or as_json(typed.node) == segment.rule:
        return True
    return request.POST.get("seen", "") == typed.mark


def _context(request: StaffRequest, segment: Segment | None, typed: _Typed) -> dict[str, Any]:
    shown = Shown(typed.draft, typed.names)
    return {
        "segment": segment,
        "name": typed.name,
        "description": typed.description,
        "as_text": typed.as_text,
        "rule_text": typed.text,
        "rows": shown.rows(),
        "groups": shown.groups(),
        "suggestions": shown.suggestions(),
        "mark": typed.mark,
        "says": sentences(request, typed.names).rule(typed.node) if typed.node is not None else "",
    }


def _save(request: StaffRequest, segment: Segment | None, typed: _Typed) -> Segment | str:
    """Save and return the segment, or what is wrong."""
    by, at, node = request.user.actor, clock.now(), typed.node
    assert node is not None  # noqa: S101 (said to the type checker)
    try:
        if segment is None:

            def work() -> int:
                made = actions.make_segment(
                    name=typed.name, node=node, description=typed.description, by=by, at=at, maker=request.user
                )
                return int(made.id)

            segment = queries.access_segment(request.user, only_once(request, "segment", work))
        else:
            changes = {"name": typed.name, "description": typed.description}
            segment = actions.change_segment(segment=segment, node=node, changes=changes, by=by, at=at)
        if typed.act == "live":
            segment = actions.go_live(segment=segment, by=by, at=at)
    except actions.UnableToSave as error:
        return str(SAVING[error.code]).format(names=", ".join(error.names))
    except BadRule as error:
        return trouble(error)
    words = _("“{name}” is live. Its people are being found.") if segment.is_live else _("“{name}” was saved.")
    say_done(request, words.format(name=segment.name))
    return segment


def preview_context(request: StaffRequest, preview: Preview) -> dict[str, Any]:
    """Return a count as its template shows it."""
    found: dict[str, Any] = preview.found
    names = ("sample", "entering_sample", "leaving_sample")
    ids = list(dict.fromkeys(int(each) for name in names for each in found.get(name, [])))
    counters = {row.customer_id: row for row in counters_of_people(ids)}
    people = shown_people(request.user, [counters[each] for each in ids if each in counters], page="segment")
    by_id = {str(person.id): person for person in people}
    return {
        "preview": preview,
        "is_waiting": preview.state in (PreviewState.WAITING, PreviewState.COUNTING),
        **{name: [by_id[each] for each in found.get(name, []) if each in by_id] for name in names},
    }


@staff_only(Capability.EDIT_SEGMENTS)
def preview(request: StaffRequest, preview_id: int) -> HttpResponse:
    """A count: how far it is, or what it found; a part for the builder, or a page of its own."""
    require_all_outlets(request.user)
    row = _preview_or_404(request, preview_id)
    is_part = bool(request.htmx)  # type: ignore[attr-defined]
    template = "console/parts/segment_preview.html" if is_part else "console/segment_preview.html"
    return render(request, template, preview_context(request, row))


@staff_only(Capability.EDIT_SEGMENTS, "POST")
def stop_preview(request: StaffRequest, preview_id: int) -> HttpResponse:
    """Stop a count."""
    require_all_outlets(request.user)
    row = _preview_or_404(request, preview_id)
    previewing.stop(preview=row)
    if request.htmx:  # type: ignore[attr-defined]
        row.refresh_from_db()
        return render(request, "console/parts/segment_preview.html", preview_context(request, row))
    return redirect("console:segment_preview", row.id)


def _preview_or_404(request: StaffRequest, preview_id: int) -> Preview:
    try:
        return queries.access_preview(request.user, preview_id)
    except Preview.DoesNotExist:
        raise Http404 from None
