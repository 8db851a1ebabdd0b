"""Acts on many people whose process is killed, and two processes that do one act at once."""

import time
from datetime import UTC, datetime

from tests.processes.shops import ShopOnDisk, kill, until

HERE = "tests.processes.test_acts_killed"
PEOPLE = 60
DONE = "SELECT count(*) FROM lists_bulkchunk WHERE done_at IS NOT NULL AND undone_at IS NULL"
TAGGED = "SELECT count(*), count(DISTINCT customer_id) FROM customers_customertag"


def begin() -> str:
    """Add people, begin to tag them all and go on with it."""
    from setia.domains.customers.actions import resolve_people
    from setia.domains.customers.rules import PersonClaim
    from setia.domains.lists.actions import bulk
    from setia.domains.lists.models import BulkKind
    from setia.domains.lists.selections import Selection
    from setia.foundation.actors import SYSTEM
    from tests import cast

    bulk.STEP_PEOPLE = 4
    claims = [PersonClaim(external=f"K{index}", name=f"Orang {index}") for index in range(PEOPLE)]
    resolve_people(claims=claims, door="form", by=SYSTEM, at=cast.NOW)
    everybody = Selection(stage="everyone")
    act = bulk.start_act(kind=BulkKind.ADD_TAG, selection=everybody, tag_name="VIP", by=SYSTEM, at=cast.NOW)
    return go_on(str(act.id))


def go_on(act_id: str, *, is_undo: bool = False) -> str:
    """Do an act, or its undo, slowly enough to be killed; return its state."""
    from setia.domains.lists.actions import bulk
    from setia.domains.lists.models import BulkAct

    bulk.STEP_PEOPLE = 4
    act = BulkAct.objects.get(id=int(act_id))

    def slowly() -> bool:
        time.sleep(0.03)
        return False

    run = bulk.run_undo if is_undo else bulk.run_act
    run(act=act, now=lambda: datetime.now(UTC), should_stop=slowly)
    return str(act.state)


def take_back(act_id: str) -> str:
    """Undo an act, or go on with its undo."""
    from setia.domains.lists.actions import bulk
    from setia.domains.lists.models import BulkAct
    from setia.foundation.actors import Actor
    from tests import cast

    bulk.start_undo(act=BulkAct.objects.get(id=int(act_id)), by=Actor("staff", 1), at=cast.NOW)
    return go_on(act_id, is_undo=True)


def test_an_act_killed_and_done_by_two_at_once_touches_everybody_once(shop: ShopOnDisk) -> None:
    shop.run("migrate")
    child = shop.start_call(f"{HERE}:begin")
    until(lambda: shop.one(DONE) >= 3)
    kill(child)
    act_id = str(shop.one("SELECT id FROM lists_bulkact"))
    assert 0 < shop.rows(TAGGED)[0][0] < PEOPLE
    for other in [shop.start_call(f"{HERE}:go_on", act_id) for _ in range(2)]:
        assert other.wait(60) == 0
    assert shop.rows(TAGGED) == [(PEOPLE, PEOPLE)]
    assert shop.rows("SELECT state, done_count, changed_count FROM lists_bulkact") == [("done", PEOPLE, PEOPLE)]
    assert shop.one("SELECT count(*) FROM foundation_event WHERE kind = 'customers.tagged'") == PEOPLE
    child = shop.start_call(f"{HERE}:take_back", act_id)
    until(lambda: shop.one(DONE) <= PEOPLE // 4 - 3)
    kill(child)
    assert 0 < shop.rows(TAGGED)[0][0] < PEOPLE
    assert shop.call(f"{HERE}:take_back", act_id) == "undone"
    assert shop.rows(TAGGED) == [(0, 0)]
    assert shop.rows("SELECT restored_count, left_count FROM lists_bulkact") == [(PEOPLE, 0)]
    assert shop.one("SELECT count(*) FROM foundation_event WHERE kind = 'lists.bulk_act_done'") == 1
