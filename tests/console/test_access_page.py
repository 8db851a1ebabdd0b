"""Who looked at whose personal data."""

import pytest

from setia.foundation.events.recording import log_access
from tests import cast
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def test_owners_see_who_looked_at_a_customer_and_cashiers_do_not():
    log_access(by=cast.staff("tono").actor, at=cast.NOW, page="seen_by_tono", customer_id=7)
    log_access(by=cast.staff("maya").actor, at=cast.NOW, page="seen_by_maya", customer_id=8)
    sari = signed_in("sari")
    page = sari.get("/console/audit/access/?customer=7").content.decode()
    assert "seen_by_tono" in page
    assert "seen_by_maya" not in page
    person = cast.staff("maya").id
    assert "seen_by_tono" not in sari.get(f"/console/audit/access/?staff={person}").content.decode()
    assert signed_in("budi").get("/console/audit/access/").status_code == 403
