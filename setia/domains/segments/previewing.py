"""Counting whom a rule means before it is saved: how many, who for example, and who would come and go.

In a small shop it is counted while the page is asked for. In a large one the worker counts and the page asks how far
it is; whoever asked may stop it, and after half a minute it stops by itself.
"""

import random
import threading
import time
from array import array
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from setia.domains.customers.models import Customer
from setia.domains.segments.actions.filling import FEW, everybody
from setia.domains.segments.loading import day_of, load
from setia.domains.segments.models import Preview, PreviewState, Segment, Standing
from setia.domains.segments.rules.errors import BadRule
from setia.domains.segments.rules.judging import judge
from setia.domains.segments.rules.tree import Node, as_json, from_json, topics_of
from setia.domains.shop.models import Shop
from setia.domains.staff.models import Staff
from setia.foundation.jobs.backend import put

LONGEST_SECONDS = 30.0
SAMPLE = 8
KEPT = timedelta(days=1)
_CHUNK = 500
_LOOK_SECONDS = 0.2


def ask(*, node: Node, segment: Segment | None, by: Staff, at: datetime) -> Preview:
    """Ask for a count and return it: counted already in a small shop, waiting for the worker in a large one."""
    waiting = Preview.objects.filter(asked_by=by, state__in=[PreviewState.WAITING, PreviewState.COUNTING])
    waiting.update(state=PreviewState.STOPPED)  # whoever asks again no longer wants the answer to the last question
    row = Preview.objects.create(rule=as_json(node), segment=segment, asked_by=by, asked_at=at)
    if Customer.objects.count() <= FEW:
        run_preview(preview_id=row.id, now=lambda: at)
        row.refresh_from_db()
    else:
        from setia.domains.segments.tasks import preview

        put(preview, args=[str(row.id)], unique_key=f"preview:{row.id}", attempt_limit=1)
    return row


def stop(*, preview: Preview) -> None:
    """Stop a count; one that is over stays as it is."""
    open_states = [PreviewState.WAITING, PreviewState.COUNTING]
    Preview.objects.filter(id=preview.id, state__in=open_states).update(state=PreviewState.STOPPED)


def run_preview(*, preview_id: int, now: Callable[[], datetime]) -> str:
    """Count and keep what was found; one that was stopped or is over is left alone."""
    if not Preview.objects.filter(id=preview_id, state=PreviewState.WAITING).update(state=PreviewState.COUNTING):
        return "over"
    row = Preview.objects.select_related("segment").get(id=preview_id)
    begun = time.monotonic()
    state, as_of, found = PreviewState.DONE, now(), dict[str, Any]()
    try:
        node = from_json(row.rule)
        as_of, ids, people = _counted(node, row, at=now())
        found = {"count": len(ids), "people": people, "sample": _sample(ids), **_moves(row.segment, ids)}
    except InterruptedError:
        state = PreviewState.STOPPED
    except BadRule:
        state = PreviewState.FAILED
    mine = Preview.objects.filter(id=row.id, state=PreviewState.COUNTING)
    mine.update(state=state, as_of=as_of, seconds=round(time.monotonic() - begun, 3), found=found)
    return str(state)


def count_now(*, node: Node, at: datetime) -> tuple[datetime, int, int]:
    """Count whom a rule means at once; return as of when, how many, and of how many people."""
    as_of, ids, people = _counted(node, None, at=at)
    return as_of, len(ids), people


def _counted(node: Node, row: Preview | None, *, at: datetime) -> tuple[datetime, Collection[int], int]:
    if Customer.objects.count() > FEW:
        from setia.domains.analytics.lake import read_manifest

        lake = read_manifest()
        if lake is not None:
            ids, people = _by_lake(lake, node, row)
            return lake.read_at, ids, people
    everyone = everybody()
    return at, fitting(node, everyone, at=at), len(everyone)


def fitting(node: Node, people: Sequence[int], *, at: datetime) -> "array[int]":
    """Return who of some people fits a rule at a moment, judged one by one."""
    shop, topics, found = Shop.objects.get(id=1), topics_of(node), array("q")
    today = day_of(at, shop)
    for start in range(0, len(people), _CHUNK):
        known = load(people[start : start + _CHUNK], topics, shop=shop)
        found.extend(sorted(each for each, facts in known.items() if judge(node, facts, today).fits))
    return found


def _by_lake(lake: Any, node: Node, row: Preview | None) -> tuple[Collection[int], int]:
    from setia.domains.analytics.engine import Stopped
    from setia.domains.segments.setwise.counting import count

    if row is None:
        plain = count(lake, node, at=lake.read_at)
        return plain.ids.tolist(), plain.people
    watch = _Watch(row.id)
    try:
        found = count(lake, node, at=lake.read_at, should_stop=watch.is_stopped, opened=watch.guard)
    except Stopped:
        raise InterruptedError from None
    finally:
        watch.end()
    return found.ids.tolist(), found.people


class _Watch:
    """Looks whether a count is still wanted, and stops the engine when it is not or has taken too long."""

    def __init__(self, preview_id: int) -> None:
        self._preview_id = preview_id
        self._stopped, self._over = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def is_stopped(self) -> bool:
        """Tell whether the count should end."""
        return self._stopped.is_set()

    def guard(self, engine: Any) -> None:
        """Begin to watch over an engine."""
        self._thread = threading.Thread(target=self._look, args=[engine], daemon=True)
        self._thread.start()

    def _look(self, engine: Any) -> None:
        from django.db import connection

        end = time.monotonic() + LONGEST_SECONDS
        try:
            while not self._over.wait(_LOOK_SECONDS):
                wanted = Preview.objects.filter(id=self._preview_id, state=PreviewState.COUNTING).exists()
                if not wanted or time.monotonic() > end:
                    self._stopped.set()
                    engine.cancel()
                    return
        finally:
            connection.close()

    def end(self) -> None:
        """Stop watching."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()


def _sample(ids: Collection[int]) -> list[str]:
    """Return some of those who fit, the same for the same people."""
    ordered = sorted(ids)
    some = random.Random(len(ordered)).sample(ordered, min(SAMPLE, len(ordered)))  # noqa: S311 (no secret)
    return [str(each) for each in some]


def _moves(segment: Segment | None, ids: Collection[int]) -> dict[str, Any]:
    """Return how many come and go against who is in a segment now, with some of each."""
    if segment is None or not segment.is_live:
        return {}
    rows = Standing.objects.filter(segment=segment, is_member=True, customer__canonical__isnull=True)
    now_in, then_in = set(rows.values_list("customer_id", flat=True).iterator()), set(ids)
    enter, leave = then_in - now_in, now_in - then_in
    return {
        "entering": len(enter), "leaving": len(leave), "staying": len(now_in & then_in),
        "entering_sample": _sample(enter), "leaving_sample": _sample(leave),
    }  # fmt: skip


def forget_previews(*, at: datetime) -> int:
    """Throw away counts that nobody looks at any more and return how many."""
    return Preview.objects.filter(asked_at__lt=at - KEPT).delete()[0]
