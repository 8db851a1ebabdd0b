"""Whatever happens in whatever order: the standing kept by news and by instants is that of a recompute from nothing."""

import pytest

from setia.domains.segments import actions
from setia.domains.segments.models import Segment, Standing
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests.domains.segments.story import World, hear, live, state

RULES = {
    "Baru saja": "belanja_terakhir <= 7 hari",
    "Sering": 'pesanan(30 hari) >= 2 dan bukan pesanan(90 hari, kategori: "Kopi") = 0',
    "Besar": 'belanja(60 hari) >= 40.000 atau label = "VIP"',
    "Teh": 'belanja_terakhir(produk: "Teh Tarik") >= 5 hari dan pesanan(outlet: ("DGO", "BRG")) >= 1',
    "Ulang tahun": "(menuju_ulang_tahun <= 7 hari atau sejak_ulang_tahun <= 2 hari) dan izin = penawaran_email",
    "Muda": "umur = 17..22 atau menuju_hari_keluarga <= 10 hari",
    "Keranjang": "keranjang_ditinggal(14 hari) >= 1 dan rata_rata(90 hari) > 20.000",
    "Retur": 'retur(30 hari) >= 1 atau kota = "Bandung" dan ditangani ada',
    "Lama": "bergabung >= 20 hari dan belanja_pertama >= 30 hari dan kontak = telepon",
    "Skor": "rfm = setia atau peluang_diam >= 50%",
}


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(8))
def test_a_recompute_from_nothing_gives_the_incremental_state(seed: int) -> None:
    world = World(seed)
    for name, text in RULES.items():
        live(name, text, at=world.at)
    live("Besar dan sering", 'segmen = "Besar" dan segmen = "Sering" atau bukan segmen = "Lama"', at=world.at)
    for _ in range(25):
        for _ in range(world.chance.randint(1, 3)):
            world.happens()
        if world.chance.random() < 0.15:
            world.scored()
        if world.chance.random() < 0.5:
            hear(world.at)
        world.later()
        if world.chance.random() < 0.6:
            actions.recheck_due(at=world.at)
    hear(world.at)
    actions.recheck_due(at=world.at)
    kept = state()
    sizes = dict(Segment.objects.values_list("name", "member_count"))
    Standing.objects.filter(segment__kind="dynamic").delete()
    for segment in Segment.objects.filter(kind="dynamic").order_by("id"):
        actions.fill(segment_id=segment.id, now=lambda: world.at)
    assert state() == kept
    assert dict(Segment.objects.values_list("name", "member_count")) == sizes
    assert sum(row.is_member for row in Standing.objects.all()) > 5


@pytest.mark.django_db
def test_hearing_everything_twice_changes_nothing() -> None:
    from setia.domains.segments.subscribers import _TOPICS
    from setia.domains.segments.subscribers import hear as subscriber
    from setia.foundation import clock

    world = World(99)
    for name, text in RULES.items():
        live(name, text, at=world.at)
    for _ in range(40):
        world.happens()
    hear(world.at)
    before, told = state(), Event.objects.filter(kind__startswith="segments.").count()
    with clock.frozen(world.at):
        subscriber(list(Event.objects.filter(kind__in=list(_TOPICS)).order_by("?")))
    assert state() == before
    assert Event.objects.filter(kind__startswith="segments.").count() == told
    assert SYSTEM.kind == "system"
