"""What happened to a customer, in order."""

import pytest

from setia.domains.timeline.actions import UnableToWriteNote, remove_note, write_note
from setia.domains.timeline.models import Note
from setia.domains.timeline.queries import timeline
from setia.foundation.actors import SYSTEM
from setia.foundation.events import void_batch
from setia.foundation.events.models import Event
from tests import cast

pytestmark = pytest.mark.django_db


def _kinds(customer, group=""):
    return [event.kind for event in timeline([customer.id], group=group, cursor="", size=20).rows]


def test_facts_stand_in_the_order_they_happened():
    dewi = cast.member("dewi")
    cast.buys(dewi, "A2", days_ago=1)
    cast.buys(dewi, "A1", days_ago=9)
    write_note(customer=dewi, body="Suka tanpa gula.", author=cast.staff("tono"), at=cast.NOW)
    assert _kinds(dewi)[0] == "timeline.note_written"
    assert _kinds(dewi, "orders") == ["commerce.order_placed", "commerce.order_placed"]
    assert _kinds(dewi, "notes") == ["timeline.note_written"]


def test_facts_of_an_undone_import_are_shown_no_more():
    dewi = cast.member("dewi")
    from setia.domains.commerce.actions import record_sales

    record_sales(drafts=[cast.sale("A1", dewi)], by=SYSTEM, at=cast.NOW, origin_id=77)
    assert _kinds(dewi, "orders") == ["commerce.order_placed"]
    void_batch(77, by=SYSTEM, at=cast.NOW)
    void_batch(77, by=SYSTEM, at=cast.NOW)
    assert _kinds(dewi, "orders") == []
    assert Event.objects.filter(kind="commerce.order_placed").count() == 1


def test_a_note_is_sealed_and_can_be_taken_back():
    dewi, tono = cast.member("dewi"), cast.staff("tono")
    note = write_note(customer=dewi, body="  Ulang tahun anaknya 3 Mei  ", author=tono, at=cast.NOW)
    assert Note.objects.get().body == "Ulang tahun anaknya 3 Mei"
    assert "anaknya" not in Note.objects.values_list("body", flat=True).get()
    remove_note(note=note, by=tono, at=cast.NOW)
    remove_note(note=note, by=tono, at=cast.NOW)
    assert _kinds(dewi, "notes") == ["timeline.note_removed", "timeline.note_written"]
    assert Note.objects.count() == 0


@pytest.mark.parametrize(("body", "code"), [("  ", "empty"), ("x" * 2001, "too_long")])
def test_an_empty_or_endless_note_is_refused(body, code):
    with pytest.raises(UnableToWriteNote, match=code):
        write_note(customer=cast.member("dewi"), body=body, author=cast.staff("tono"), at=cast.NOW)
