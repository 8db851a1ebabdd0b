"""Everybody at once is everybody one by one: arrays and engine say what the judge of one person says."""

from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings

from setia.domains.analytics.engine.duck import DuckEngine
from setia.domains.analytics.lake.manifest import Manifest, Part
from setia.domains.analytics.lake.tables import TABLES
from setia.domains.analytics.models import PersonScore
from setia.domains.commerce.models import Product
from setia.domains.customers import actions as customers
from setia.domains.customers.models import Customer, Tag
from setia.domains.customers.rules import FieldKind
from setia.domains.segments import actions
from setia.domains.segments.actions.filling import everybody
from setia.domains.segments.loading import day_of, load
from setia.domains.segments.rules.judging import NEVER, judge
from setia.domains.segments.rules.tree import Node, topics_of
from setia.domains.shop.models import Outlet
from setia.domains.shop.queries import the_shop
from setia.foundation import home
from setia.foundation.actors import SYSTEM
from tests import cast
from tests.domains.segments import rules_at_random
from tests.domains.segments.rules_at_random import CUSTOM, a_rule
from tests.domains.segments.story import World, hear, live


def lake_of_the_shop(read_at: datetime, sequence: int = 1) -> Manifest:
    """Write the shop's tables as a lake, by the questions that the real one asks."""
    parts = []
    with duckdb.connect() as lake, connection.cursor() as cursor:
        lake.execute("SET TimeZone = 'UTC'")
        for table in TABLES:
            lake.execute(f"CREATE TABLE {table.name} ({', '.join(f'{c.name} {c.type}' for c in table.columns)})")
            cursor.execute(table.question())
            rows = [[str(v) if isinstance(v, date) else v for v in row] for row in cursor.fetchall()]
            for row in rows:
                lake.execute(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(row))})", row)
            file = home.folder("lake") / f"{table.name}-{sequence}.parquet"
            lake.execute(f"COPY {table.name} TO '{file}' (FORMAT parquet)")
            parts.append(Part(table.name, "", str(file), len(rows), file.stat().st_size))
    return Manifest(sequence, read_at, tuple(parts))


def settle(world: World) -> None:
    """Let much happen, and give the shop everything a rule may ask."""
    for kind, key in ((FieldKind(kind), key) for key, kind in CUSTOM):
        choices = ["Bandung", "Kopi"] if kind is FieldKind.CHOICE else []
        customers.save_field(label=key, key=key, kind=kind, purpose="uji", choices=choices, by=SYSTEM, at=world.at)
    values = {"poin": ["1.5", "3", "-2"], "ukuran": ["Bandung", "Kopi"], "haji": ["ya", "tidak"],
              "kontrak": ["2026-11-25", "2026-10-01"], "hobi": ["lari"]}  # fmt: skip
    for _ in range(90):
        world.happens()
        if world.chance.random() < 0.3:
            key = world.chance.choice(sorted(values))
            given_value = {key: world.chance.choice(values[key])}
            customers.set_values(customer=world.anybody(), values=given_value, by=SYSTEM, at=world.at)
        if world.chance.random() < 0.3:
            changes = world.chance.choice([
                {"interests": ["Kopi", "teh"]}, {"gender": "female"}, {"preferred_channel": "email"},
                {"acquisition_source": "Online"}, {"language": "en"},
            ])  # fmt: skip
            customers.change_customer(customer=world.anybody(), changes=changes, by=SYSTEM, at=world.at)
        if world.chance.random() < 0.1:
            world.at += timedelta(days=world.chance.randint(1, 20))
    for _ in range(6):
        world.merges()
    world.scored()
    PersonScore.objects.filter(customer_id__in=[each.id for each in world.people[:2]]).delete()
    Product.objects.filter(name="Teh Tarik").update(category="teh")
    hear(world.at)


@pytest.fixture
def world(db: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    found = World(5, people=14)
    settle(found)
    hand = actions.make_list(name="Undian", by=SYSTEM, at=found.at)
    actions.add_people(segment=hand, customer_ids=[each.id for each in found.people[3:6]], by=SYSTEM, at=found.at)
    ruled = live("Sering", "pesanan(90 hari) >= 1", at=found.at)
    names = {
        "tag": {row.id: row.name for row in Tag.objects.all()},
        "product": {row.id: row.name for row in Product.objects.all()},
        "outlet": {row.id: row.name for row in Outlet.objects.all()},
        "staff": {cast.staff("budi").id: "Budi", cast.staff("maya").id: "Maya"},
        "segment": {hand.id: hand.name, ruled.id: ruled.name},
    }
    for kind, rows in names.items():
        monkeypatch.setitem(rules_at_random.NAMES, kind, rows)
    return found


def test_both_evaluators_say_the_same_of_everybody(world: World) -> None:
    import numpy as np

    from setia.domains.segments.setwise.crowd import Crowd
    from setia.domains.segments.setwise.judging import Judge

    shop, people = the_shop(), everybody()
    engine = DuckEngine(lake_of_the_shop(world.at))
    today = day_of(world.at, shop)
    fitting: list[int] = []

    @given(a_rule())
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    def same(node: Node) -> None:
        crowd = Crowd(np.array(people, dtype=np.int64))
        found = Judge(engine, crowd, shop=shop, today=today).verdicts(node)
        only = Judge(engine, crowd, shop=shop, today=today, is_only_today=True).verdicts(node)
        assert (only.fits.tolist(), only.reason.tolist()) == (found.fits.tolist(), found.reason.tolist()), node
        known = load(people, topics_of(node), shop=shop)
        for place, person_id in enumerate(people):
            verdict = judge(node, known[person_id], today)
            turns = int(found.turns_on[place])
            assert (bool(found.fits[place]), int(found.reason[place]), None if turns >= NEVER else turns) == (
                verdict.fits, verdict.reason, verdict.turns_on,
            ), (node, known[person_id])  # fmt: skip
        fitting.append(int(found.fits.sum()))

    try:
        same()
    finally:
        engine.close()
    assert Customer.objects.filter(canonical__isnull=False).exists()
    assert sum(0 < count < len(people) for count in fitting) > 40
