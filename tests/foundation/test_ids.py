"""Ids: unique and rising, whatever the clock, the threads and the processes do."""

import json
import os
import threading
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from setia.foundation import ids
from setia.foundation.ids import EPOCH_MS, IdMaker, NoFreeNode
from tests.processes.shops import ShopOnDisk

NODE = 5


def node_of(row_id: int) -> int:
    return row_id >> 12 & 1023


def moment_of(row_id: int) -> int:
    return (row_id >> 22) + EPOCH_MS


def maker(*moments: int) -> IdMaker:
    ticks: Iterator[int] = iter(moments)
    return IdMaker(NODE, lambda: EPOCH_MS + next(ticks))


def test_an_id_holds_its_moment_node_and_counter() -> None:
    first, second = maker(1000).many(2)
    assert (moment_of(first) - EPOCH_MS, node_of(first), first & 4095) == (1000, NODE, 0)
    assert second == first + 1


def test_ids_rise_when_the_clock_steps_back() -> None:
    made = [(make := maker(1000, 200, 999, 1000, 1001)).one(), make.one(), make.one(), make.one(), make.one()]
    assert [row_id >> 22 for row_id in made] == [1000, 1000, 1000, 1000, 1001]
    assert made == sorted(set(made))


def test_a_full_counter_runs_ahead_of_the_clock() -> None:
    make = maker(1000, 1000, 1001, 1003)
    made = make.many(4096 * 2 + 1)
    assert {row_id >> 22 for row_id in made} == {1000, 1001, 1002}
    made += [make.one(), make.one(), make.one()]
    assert [row_id >> 22 for row_id in made[-3:]] == [1002, 1002, 1003]
    assert made == sorted(set(made))


def test_an_id_fits_a_signed_column_until_2093() -> None:
    last_moment = (1 << 41) - 1  # 42 bits hold the milliseconds; the highest is the sign until then
    assert IdMaker(1023, lambda: EPOCH_MS + last_moment).many(4096)[-1] == 2**63 - 1
    assert IdMaker(1024 + 3, lambda: EPOCH_MS).one() == 3 << 12


def test_ids_of_eight_threads_are_unique_and_rise_in_each() -> None:
    made: list[list[int]] = [[] for _ in range(8)]
    gate = threading.Barrier(8)

    def work(mine: list[int]) -> None:
        gate.wait()
        for _ in range(300):
            mine += [ids.new_id(), *ids.new_ids(20)]

    threads = [threading.Thread(target=work, args=(mine,)) for mine in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(chain(*made))) == 8 * 300 * 21
    assert all(mine == sorted(mine) for mine in made)


def make_and_fork(count: int) -> list[list[int]]:
    """Return ids made here and in a forked child."""
    mine = ids.new_ids(count)
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, json.dumps(ids.new_ids(count)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        child = json.loads(file.read())
    os.wait()
    return [mine, child, ids.new_ids(count)]


def test_four_processes_and_their_forked_children_have_a_node_each(tmp_path: Path) -> None:
    shop = ShopOnDisk(tmp_path / "home")
    children = [shop.start_call("tests.foundation.test_ids:make_and_fork", 2000) for _ in range(4)]
    families = [json.loads(child.communicate(timeout=60)[0]) for child in children]
    everything = [row_id for family in families for made in family for row_id in made]
    assert len(set(everything)) == 4 * 3 * 2000
    for mine, child, later in families:
        assert {node_of(row_id) for row_id in mine + later} != {node_of(row_id) for row_id in child}
        assert len({node_of(row_id) for row_id in mine + later}) == 1


def fresh_node(monkeypatch: pytest.MonkeyPatch, home: Path) -> "ids._ProcessNode":
    monkeypatch.setenv("SETIA_HOME", str(home))
    return ids._ProcessNode()


def test_node_files_of_dead_processes_are_taken_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    node = fresh_node(monkeypatch, tmp_path)
    (nodes := tmp_path / "run" / "nodes").mkdir(parents=True)
    for slot in range(128):
        (nodes / str(slot)).write_text("stale")
    assert node._take() == os.getpid() % 128
    assert ids._ProcessNode()._take() == (os.getpid() + 1) % 128


def test_no_node_is_left_when_all_are_held_by_the_living(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    held = [fresh_node(monkeypatch, tmp_path) for _ in range(128)]
    monkeypatch.setenv("SETIA_NODE_BASE", "256")
    assert sorted(node._take() for node in held) == list(range(256, 384))
    with pytest.raises(NoFreeNode, match="128 processes of Setia already run"):
        fresh_node(monkeypatch, tmp_path)._take()
    for node in held:
        os.close(node._descriptor)
