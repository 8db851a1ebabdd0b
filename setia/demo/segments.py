"""Segments of Kopi Senja: some that every shop needs, one that is a persona, and a list by hand."""

from datetime import datetime

from setia.domains.customers.models import Customer
from setia.domains.segments import actions
from setia.domains.segments.names import ShopNames
from setia.domains.segments.queries import all_segments
from setia.domains.segments.rules.text import parse
from setia.foundation.actors import SYSTEM

_SEGMENTS = (
    ("Pelanggan baru", "belanja_pertama <= 30 hari", "Pertama kali belanja dalam 30 hari. Sambut mereka."),
    (
        "Langganan yang mulai diam",
        "belanja_terakhir = 45..90 hari dan pesanan >= 3",
        "Dulu sering datang. Tanyakan kabarnya sebelum terlambat.",
    ),
    ("Saatnya belanja kedua", "pesanan = 1 dan belanja_terakhir = 7..45 hari", "Kebanyakan tidak kembali sendiri."),
    ("Pecinta kopi", 'pesanan(90 hari, kategori: "Kopi") >= 5', "Lima pesanan kopi atau lebih dalam 90 hari."),
    ("Ulang tahun minggu ini", "menuju_ulang_tahun <= 7 hari", "Ucapkan selamat."),
    (
        "Boleh dihubungi dan mulai diam",
        'segmen = "Langganan yang mulai diam" dan izin = penawaran_whatsapp',
        "Segmen dari segmen: yang boleh dikirimi penawaran.",
    ),
)
_PERSONA = (
    "Pecinta kopi",
    "Rani, 31, pegawai kantor di Bandung",
    "Mampir sebelum masuk kantor, hafal pesanannya, suka disapa dengan nama. Tidak mencari diskon.",
)
_LIST = "Undangan cicip menu baru"


def make_segments(*, at: datetime) -> None:
    """Let the shop have its segments, filled; repeating it changes nothing."""
    standing = {row.name for row in all_segments()}
    for name, text, words in _SEGMENTS:
        if name in standing:
            continue
        node = parse(text, ShopNames())
        segment = actions.adopt(name=name, node=node, description=words, by=SYSTEM, at=at)
        actions.fill(segment_id=segment.id, now=lambda: at)
        if name == _PERSONA[0]:
            changes = {"persona": _PERSONA[1], "persona_words": _PERSONA[2]}
            actions.change_segment(segment=segment, changes=changes, by=SYSTEM, at=at)
    if _LIST not in standing:
        hand = actions.make_list(name=_LIST, description="Dipilih tim, tiga puluh kursi.", by=SYSTEM, at=at)
        guests = Customer.objects.filter(canonical__isnull=True).order_by("id").values_list("id", flat=True)[:30]
        actions.add_people(segment=hand, customer_ids=list(guests), by=SYSTEM, at=at)
