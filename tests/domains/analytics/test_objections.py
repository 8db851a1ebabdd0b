"""Whoever objects to profiling, and a child without a parent's yes, has no scores."""

from datetime import date

import numpy as np
import pytest

from setia.domains.analytics.scoring.history import Moves
from setia.domains.analytics.scoring.persons import Persons, without
from setia.domains.customers.actions import record_consents
from setia.domains.customers.drafts import ConsentDraft
from setia.domains.customers.models import Customer
from setia.domains.customers.queries import people_not_to_score
from setia.domains.customers.rules.consents import Channel, Purpose
from setia.foundation.actors import SYSTEM
from tests import cast
from tests.domains.analytics.test_interventions import scores

TODAY = date(2026, 11, 22)


@pytest.mark.django_db
def test_who_objects_and_children_are_not_scored():
    dewi, eko = cast.member("dewi"), cast.member("eko")
    assert people_not_to_score(on=TODAY) == set()
    no = ConsentDraft(
        customer_id=dewi.id, purpose=Purpose.PROFILING, channel=Channel.ANY, is_granted=False,
        given_at=cast.NOW, source="a",
    )  # fmt: skip
    record_consents(answers=[no], door="form", by=SYSTEM, at=cast.NOW)
    Customer.objects.filter(id=eko.id).update(birth_date=date(2010, 1, 1))
    assert people_not_to_score(on=TODAY) == {dewi.id, eko.id}
    assert people_not_to_score(on=date(2028, 1, 1)) == {dewi.id}


@pytest.mark.django_db
def test_rows_that_speak_of_them_are_left_out():
    found = scores(0, 1, 2)
    ids = found.person_id
    moves = Moves(TODAY, ids, ids * 0, ids * 0, ids * 0, ids * 0, ids * 0)
    kept = without(Persons(found, {}, [moves]), {int(ids[1])})
    assert kept.scored.person_id.tolist() == kept.moves[0].person_id.tolist() == [ids[0], ids[2]]
    assert kept.scored.zone.tolist() == [found.zone[0], found.zone[2]]
    assert len(kept.scored.risk_why) == 2
    whole = Persons(found, {}, [moves])
    assert without(whole, set()) is whole
    assert np.array_equal(without(whole, {1}).scored.person_id, ids)
