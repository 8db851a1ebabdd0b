"""How everybody stood at the ends of months past, against scoring the shop as it was on that day."""

from datetime import date, timedelta

import numpy as np
import pytest

from setia.domains.analytics.engine.duck import DuckEngine
from setia.domains.analytics.measuring import Choices
from setia.domains.analytics.measuring.measuring import lay_out
from setia.domains.analytics.measuring.people import score_people
from setia.domains.analytics.rules.rfm import SEGMENTS, segment_of_three, thresholds
from setia.domains.analytics.scoring.history import history, month_ends, stood_on
from tests.domains.analytics.lakes import Sale, lake_of

TODAY = date(2026, 11, 22)
CHOICES = Choices(active_days=90, lost_days=180)


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SETIA_HOME", str(tmp_path / "home"))


def opened(sales, today=TODAY):
    engine = DuckEngine(lake_of(sales))
    lay_out(engine, today=today)
    return engine


def some_sales():
    chance = np.random.default_rng(4)
    return [
        Sale(int(person), TODAY - timedelta(days=int(back)), net=int(net))
        for person, back, net in zip(
            chance.integers(1, 60, 700),
            chance.integers(0, 500, 700),
            chance.integers(10_000, 900_000, 700),
            strict=True,
        )
    ]


@pytest.mark.parametrize("preset", ["levels", "fifths", "three"])
@pytest.mark.parametrize("back", [0, 40, 200, 499, 900])
def test_a_day_past_is_scored_as_it_was_scored_then(preset, back):
    sales, day = some_sales(), TODAY - timedelta(days=back)
    engine = opened(sales)
    stood = stood_on(engine, day, choices=CHOICES, preset=preset)
    engine.close()
    engine = opened([sale for sale in sales if sale.day <= day], today=day)
    then = score_people(engine, today=day, preset=preset, choices=CHOICES)
    engine.close()
    assert stood.person_id.tolist() == then.person_id.tolist()
    assert stood.segment.tolist() == then.segment.tolist()
    assert stood.counts["activity"]["lost"] == int((then.activity == 3).sum())
    assert sum(stood.counts["level"].values()) == len(then.person_id)


def test_who_moved_is_named_and_counted():
    buys_often = [Sale(1, date(2026, 9, 1) + timedelta(days=9 * number), net=2_000_000) for number in range(4)]
    stops = [Sale(2, date(2026, 5, 1) + timedelta(days=9 * number), net=900_000) for number in range(12)]
    engine = opened([*buys_often, *stops, Sale(3, TODAY)])
    told, moves = history(engine, today=TODAY, choices=CHOICES, preset="levels")
    engine.close()
    assert [month["end"] for month in told["months"]] == [
        "2026-05-31", "2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31", "2026-11-22",
    ]  # fmt: skip
    assert "moved" not in told["months"][0]
    last = told["months"][-1]["moved"]
    assert last["new"] == 1
    assert last["up"] + last["down"] + last["same"] == 2
    matrix = np.array(last["matrix"])
    assert matrix.sum() == 2
    assert [each.month for each in moves] == [date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)]
    for each in moves:
        month = next(month for month in told["months"] if month["end"].startswith(f"{each.month:%Y-%m}"))
        for source, target in zip(each.source.tolist(), each.target.tolist(), strict=True):
            assert source != target
            assert month["moved"]["matrix"][source][target] > 0
        assert len(each.person_id) == month["moved"]["up"] + month["moved"]["down"]
    october = moves[1]
    assert october.person_id.tolist() == [1, 2]
    assert [SEGMENTS[number] for number in october.source] == ["loyal", "need_attention"]
    assert [SEGMENTS[number] for number in october.target] == ["need_attention", "cant_lose"]
    assert october.before.tolist() == [534, 355]
    assert october.after.tolist() == [334, 255]


@pytest.mark.parametrize(
    ("cell", "segment"),
    [
        ((3, 3, 3), "champions"), ((2, 3, 3), "loyal"), ((3, 1, 3), "potential_loyalist"), ((1, 3, 3), "at_risk"),
        ((1, 1, 3), "hibernating"), ((1, 1, 1), "lost"),
    ],
)  # fmt: skip
def test_the_named_cells_of_three_levels(cell, segment):
    assert segment_of_three(*cell) == segment


def test_every_cell_of_three_levels_has_a_segment():
    found = {segment_of_three(r, f, m) for r in (1, 2, 3) for f in (1, 2, 3) for m in (1, 2, 3)}
    assert found <= set(SEGMENTS)
    assert len(found) >= 8


def test_a_shop_moves_the_steps():
    none = np.array([], dtype=np.int64)
    by = thresholds("levels", none, none, none, steps={"days": [3, 10, 20, 40]})
    assert by.days == (3, 10, 20, 40)
    assert by.counts == (2, 4, 6, 11)
    assert thresholds("three", none, none, none).days == (30, 90)
    amounts = np.arange(1, 11)
    assert thresholds("three", amounts, amounts, amounts).amounts == (2, 8)


@pytest.mark.parametrize("sales", [[], [Sale(1, TODAY)], [Sale(1, TODAY - timedelta(days=1), net=5, returned=900)]])
@pytest.mark.parametrize("preset", ["levels", "fifths", "three"])
def test_young_and_odd_shops_have_a_history(sales, preset):
    engine = opened(sales)
    told, moves = history(engine, today=TODAY, choices=CHOICES, preset=preset)
    engine.close()
    assert len(told["months"]) == (1 if sales else 0)
    assert moves == []


def test_months_end_where_they_end():
    assert month_ends(date(2026, 9, 15), date(2026, 11, 22)) == [date(2026, 9, 30), date(2026, 10, 31), TODAY]
    assert month_ends(date(2020, 1, 1), date(2026, 10, 31), months=3) == [
        date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31),
    ]  # fmt: skip
    assert month_ends(TODAY, TODAY) == [TODAY]
