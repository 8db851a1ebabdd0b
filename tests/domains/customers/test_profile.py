"""The shop's own fields, days of a family, the whole profile by form."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setia.domains.customers.actions import (
    UnableToSaveField,
    add_family_date,
    merge_customers,
    purge_old_values,
    remove_family_date,
    save_field,
    set_values,
)
from setia.domains.customers.models import CustomField, CustomValue, FamilyDate
from setia.domains.customers.queries import custom_values
from setia.domains.customers.rules import FieldKind
from setia.domains.customers.rules.fields import BadFieldValue, parse_field, seems_specific
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast


def _field(label: str = "Kopi kesukaan", kind: FieldKind = FieldKind.TEXT, **more) -> CustomField:
    values = {"purpose": "menyapa dengan tepat", "by": SYSTEM, "at": cast.NOW, **more}
    return save_field(label=label, kind=kind, **values)


@pytest.mark.django_db
def test_a_value_is_kept_sealed_and_told_once():
    dewi = cast.member("dewi")
    _field()
    assert set_values(customer=dewi, values={"kopi_kesukaan": "Gayo"}, by=SYSTEM, at=cast.NOW) == ["kopi_kesukaan"]
    assert set_values(customer=dewi, values={"kopi_kesukaan": "Gayo"}, by=SYSTEM, at=cast.NOW) == []
    row = CustomValue.objects.values().get()
    assert "Gayo" not in f"{row['text']}{row['plain']}"
    assert custom_values([dewi.id]) == {"kopi_kesukaan": "Gayo"}
    assert Event.objects.filter(payload__fields=["custom.kopi_kesukaan"]).count() == 1
    set_values(customer=dewi, values={"kopi_kesukaan": ""}, by=SYSTEM, at=cast.NOW)
    assert CustomValue.objects.count() == 0


@pytest.mark.django_db
def test_sortable_kinds_stand_plain_unless_they_are_sensitive():
    dewi = cast.member("dewi")
    ukuran, alergi = _field("Ukuran", FieldKind.NUMBER), _field("Alergi", FieldKind.CHOICE, choices=["susu", "kacang"])
    set_values(customer=dewi, values={"ukuran": "42", "alergi": "Susu"}, by=SYSTEM, at=cast.NOW)
    assert set(CustomValue.objects.values_list("plain", flat=True)) == {"42", "susu"}
    _field("Alergi", FieldKind.CHOICE, choices=["susu"], is_specific=True, field=alergi)
    assert set(CustomValue.objects.values_list("plain", flat=True)) == {"42", ""}
    with pytest.raises(UnableToSaveField, match="kind_in_use"):
        _field("Ukuran", FieldKind.TEXT, field=ukuran)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "code"),
    [({"purpose": " "}, "no_purpose"), ({"kind": FieldKind.CHOICE}, "no_choices"), ({}, "taken")],
)
def test_a_field_needs_a_purpose_choices_and_a_name_of_its_own(more, code):
    _field()
    with pytest.raises(UnableToSaveField, match=code):
        _field(**more)


@pytest.mark.django_db
def test_one_bad_value_changes_nothing():
    dewi = cast.member("dewi")
    _field("Ukuran", FieldKind.NUMBER), _field()
    with pytest.raises(BadFieldValue, match="bad_number"):
        set_values(customer=dewi, values={"kopi_kesukaan": "Gayo", "ukuran": "besar"}, by=SYSTEM, at=cast.NOW)
    with pytest.raises(CustomField.DoesNotExist):
        set_values(customer=dewi, values={"kopi_kesukaan": "Gayo", "zodiak": "leo"}, by=SYSTEM, at=cast.NOW)
    assert CustomValue.objects.count() == 0


@pytest.mark.django_db
def test_values_are_forgotten_after_their_time():
    dewi = cast.member("dewi")
    _field(retention_days=30), _field("Ukuran", FieldKind.NUMBER)
    set_values(customer=dewi, values={"kopi_kesukaan": "Gayo", "ukuran": "42"}, by=SYSTEM, at=cast.NOW)
    assert purge_old_values(at=cast.NOW + timedelta(days=30)) == 0
    assert purge_old_values(at=cast.NOW + timedelta(days=31)) == 1
    assert custom_values([dewi.id]) == {"ukuran": "42"}


@pytest.mark.django_db
def test_merged_rows_show_the_standing_persons_value_first():
    dewi, eko = cast.member("dewi"), cast.member("eko")
    _field(), _field("Ukuran", FieldKind.NUMBER)
    set_values(customer=dewi, values={"kopi_kesukaan": "Gayo"}, by=SYSTEM, at=cast.NOW)
    set_values(customer=eko, values={"kopi_kesukaan": "Toraja", "ukuran": "42"}, by=SYSTEM, at=cast.NOW)
    merge_customers(winner=dewi, loser=eko, by=SYSTEM, at=cast.NOW)
    assert custom_values([dewi.id, eko.id]) == {"kopi_kesukaan": "Gayo", "ukuran": "42"}


@pytest.mark.django_db
def test_a_familys_day_is_noted_once_and_can_be_forgotten():
    dewi = cast.member("dewi")
    day = {"relation": "child", "name": "Rafi", "day": date(2019, 4, 2), "by": SYSTEM, "at": cast.NOW}
    row = add_family_date(customer=dewi, **day)
    assert add_family_date(customer=dewi, **day).id == row.id
    assert "Rafi" not in str(FamilyDate.objects.values().get())
    remove_family_date(family_date=row, by=SYSTEM, at=cast.NOW)
    remove_family_date(family_date=row, by=SYSTEM, at=cast.NOW)
    assert Event.objects.filter(payload__fields=["family"]).count() == 2


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        (FieldKind.NUMBER, "1.250.000,5", "1250000.5"),
        (FieldKind.NUMBER, "12,50", "12.5"),
        (FieldKind.NUMBER, "0,0", "0"),
        (FieldKind.DATE, "31/12/2026", "2026-12-31"),
        (FieldKind.DATE, "2026-2-3", "2026-02-03"),
        (FieldKind.YES_NO, "Ya", "yes"),
        (FieldKind.YES_NO, "tidak", "no"),
        (FieldKind.TEXT, "  dua   kata ", "dua kata"),
        (FieldKind.NUMBER, "", ""),
    ],
)
def test_values_have_one_form(kind, text, kept):
    assert parse_field(kind, text) == kept


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *[(FieldKind.NUMBER, text) for text in ("NaN", "1e308", "Infinity", "satu", "--1")],
        *[(FieldKind.DATE, text) for text in ("31/02/2026", "besok", "2026-13-01")],
        (FieldKind.YES_NO, "mungkin"),
        (FieldKind.CHOICE, "teh"),
        (FieldKind.TEXT, "x" * 501),
    ],
)
def test_what_is_no_value_is_refused(kind, text):
    with pytest.raises(BadFieldValue):
        parse_field(kind, text, ["kopi"])


@given(st.sampled_from(FieldKind), st.text(max_size=40))
def test_a_kept_value_is_kept_as_it_is(kind, text):
    try:
        kept = parse_field(kind, text, ["kopi", "teh"])
    except BadFieldValue:
        return
    assert parse_field(kind, kept, ["kopi", "teh"]) == kept


def test_names_that_sound_sensitive_are_known():
    assert [seems_specific(text) for text in ("No. KTP", "Alergi obat", "Gaji bulanan", "Ukuran sepatu")] == [
        True,
        True,
        True,
        False,
    ]
