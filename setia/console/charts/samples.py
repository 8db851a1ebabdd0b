"""One example of each chart for the living design page, from an invented coffee shop; the same on every run.

The texts are Indonesian on purpose: they stand for what a shop types in, and the page is read by its makers only.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.safestring import SafeString

from setia.console.charts.bars import bars, histogram, stacked_bars
from setia.console.charts.dots import scatter
from setia.console.charts.formats import percent, rupiah, rupiah_compact
from setia.console.charts.heat import heat_table
from setia.console.charts.inputs import Axis, Dot, Frame, HeatRow, Number, Point, Series
from setia.console.charts.lines import line, multi_line, spark_line
from setia.console.charts.rounds import donut
from setia.console.charts.rows import bar_list, funnel
from setia.console.charts.ticks import bin_values

MONTHS = ("Des", "Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov")
MEMBERS = Axis(name="Pelanggan")
MONEY = Axis(name="Pendapatan", text=rupiah, tick=rupiah_compact)
SHARE = Axis(name="Retensi", text=percent)


@dataclass(frozen=True)
class Sample:
    """A chart and the name it goes by on the design page."""

    name: str
    html: SafeString


def gallery() -> list[Sample]:
    """Every kind of chart, then the cases that are easily drawn wrong. Deterministic; ids start with "sample-"."""
    drawn: tuple[tuple[str, Callable[[], SafeString]], ...] = (
        ("Garis kecil (kartu KPI)", _spark),
        ("Garis: pendapatan harian", _line),
        ("Banyak garis: retensi per tingkat", _multi_line),
        ("Batang: pelanggan baru per bulan", _bars),
        ("Daftar batang: segmen RFM", _bar_list),
        ("Batang bertumpuk: pesanan per kanal", _stacked),
        ("Donat: cara bayar", _donut),
        ("Histogram: jarak antar kunjungan", _histogram),
        ("Tabel panas: kohort", _heat),
        ("Corong: undangan sampai langganan", _funnel),
        ("Sebaran: kunjungan dan belanja", _scatter),
        ("Kosong", _empty),
        ("Satu titik", _single),
        ("Semua nol", _zeros),
        ("Nilai negatif dan label panjang", _negative),
        ("Celah dan angka besar", _gaps),
    )
    return [Sample(name, draw()) for name, draw in drawn]


def _frame(name: str, title: str, description: str) -> Frame:
    return Frame(
        id=f"sample-{name}",
        title=title,
        description=description,
        show_numbers="Lihat angka",
        empty="Belum cukup data",
        unknown="belum diketahui",
        save_picture="Simpan gambar (PNG)",
        save_drawing="Simpan gambar (SVG)",
        save_numbers="Simpan angka (CSV)",
    )


def _wobble(index: int, size: int) -> int:
    """A number 0..size-1 that looks irregular: samples may not change from one run to the next."""
    return (index * 7919 + index * index * 104729 + 13) % 10007 * size // 10007


def _spark() -> SafeString:
    values = (4310, 4302, 4305, 4388, 4401, 4420, 4497, 4531, 4560, 4622, 4700, 4690, 4755, 4812)
    return spark_line(_frame("spark", "Pelanggan aktif", "Naik dari 4.310 menjadi 4.812 dalam 14 hari."), values)


def _line() -> SafeString:
    points = [
        Point(f"{day % 30 + 1} {'Sep' if day < 30 else 'Okt'}", 2_400_000 + day * 31_000 + _wobble(day, 1_300_000))
        for day in range(60)
    ]
    frame = _frame("line", "Pendapatan harian", "Pendapatan 60 hari terakhir naik perlahan.")
    return line(frame, points, across="Hari", up=MONEY)


def _multi_line() -> SafeString:
    kept = {
        "Emas": (1.0, 0.82, 0.78, 0.74, 0.705, 0.67, 0.64, 0.607, 0.578, 0.55, 0.523, 0.497, 0.474),
        "Perak": (1.0, 0.63, 0.576, 0.525, 0.481, 0.44, 0.401, 0.367, 0.335, 0.306, 0.28, 0.256, 0.234),
        "Perunggu": (1.0, 0.44, 0.38, 0.326, 0.281, 0.241, 0.208, 0.178, 0.154, 0.133, 0.113, 0.098, 0.085),
        "Tanpa program": (1.0, 0.33, 0.265, 0.212, 0.17, 0.137, 0.11, 0.089, 0.071, 0.057, 0.045, 0.036, 0.029),
    }
    frame = _frame("lines", "Kurva retensi per tingkat", "Emas bertahan paling lama: 47,4% setelah 12 bulan.")
    series = [Series(name, values) for name, values in kept.items()]
    return multi_line(frame, [f"M{month}" for month in range(13)], series, across="Bulan", up=SHARE)


def _bars() -> SafeString:
    values = (412, 355, 298, 476, 388, 431, 502, 467, 520, 544, 498, 573)
    frame = _frame("bars", "Pelanggan baru", "Pelanggan baru per bulan; November terbanyak, 573 orang.")
    points = [Point(month, value) for month, value in zip(MONTHS, values, strict=True)]
    return bars(frame, points, across="Bulan", up=MEMBERS)


def _bar_list() -> SafeString:
    segments = (
        ("Juara", 612, 1),
        ("Setia", 1240, 1),
        ("Berpotensi setia", 986, 6),
        ("Baru", 731, 3),
        ("Perlu perhatian", 544, 2),
        ("Hampir hilang", 402, 4),
        ("Hilang", 297, 7),
    )
    frame = _frame("list", "Sebaran segmen (RFM)", "Segmen terbesar: Setia, 1.240 pelanggan.")
    return bar_list(frame, [Point(*segment) for segment in segments], across="Segmen", up=MEMBERS)


def _stacked() -> SafeString:
    series = [
        Series("Toko", [820 + _wobble(month, 180) for month in range(12)]),
        Series("WhatsApp", [240 + month * 14 + _wobble(month + 20, 90) for month in range(12)]),
        Series("Tokopedia", [310 - month * 9 + _wobble(month + 40, 70) for month in range(12)]),
        Series("GoFood", [150 + month * 22 + _wobble(month + 60, 60) for month in range(12)]),
    ]
    frame = _frame("stack", "Pesanan per kanal", "Toko tetap kanal terbesar; GoFood tumbuh paling cepat.")
    return stacked_bars(frame, MONTHS, series, across="Bulan", up=Axis(name="Pesanan"))


def _donut() -> SafeString:
    parts = (("QRIS", 2140), ("Tunai", 1185), ("Kartu debit", 604), ("GoPay", 388), ("Transfer bank", 171))
    frame = _frame("donut", "Cara bayar", "Hampir separuh pesanan dibayar dengan QRIS.")
    slices = [Point(*part) for part in parts]
    return donut(frame, slices, across="Cara bayar", up=Axis(name="Pesanan"), rest="Lainnya")


def _histogram() -> SafeString:
    days = [1 + (_wobble(visit, 9) * _wobble(visit + 500, 8) + _wobble(visit + 900, 6)) for visit in range(800)]
    frame = _frame("histogram", "Jarak antar kunjungan", "Kebanyakan pelanggan kembali dalam sepuluh hari.")
    return histogram(
        frame, bin_values(days), across=Axis(name="Hari sejak kunjungan terakhir"), up=Axis(name="Kunjungan")
    )


def _heat() -> SafeString:
    rows = []
    for index, month in enumerate(MONTHS):
        later = [round(0.54 / (1 + 0.22 * age) + _wobble(index * 12 + age, 60) / 1000, 3) for age in range(11 - index)]
        rows.append(HeatRow(f"{month} {2025 if index == 0 else 2026}", 300 + _wobble(index, 280), [1.0, *later]))
    frame = _frame("heat", "Kohort: pelanggan yang kembali", "Persen pelanggan yang membeli lagi per bulan.")
    columns = [f"M{age}" for age in range(12)]
    return heat_table(frame, columns, rows, head="Kohort", size_head="Orang", top=0.6)


def _funnel() -> SafeString:
    stages = (
        ("Undangan terkirim", 8400),
        ("Dibuka", 5210),
        ("Mendaftar", 1936),
        ("Pembelian pertama", 1204),
        ("Pembelian kedua", 433),
    )
    frame = _frame("funnel", "Undangan sampai langganan", "Dari 8.400 undangan, 433 orang membeli dua kali.")
    return funnel(
        frame,
        [Point(*stage) for stage in stages],
        across="Tahap",
        up=MEMBERS,
        of_first="Dari awal",
        of_previous="Dari tahap sebelumnya",
    )


def _scatter() -> SafeString:
    groups = (("Emas", 14, 150_000), ("Perak", 6, 90_000), ("Perunggu", 1, 45_000))
    dots = [
        Dot(
            f"Pelanggan {number * 18 + index + 1}",
            visits + _wobble(number * 50 + index, 10),
            spent * (visits + _wobble(number * 50 + index, 10)) // 8 + _wobble(index + 300, 140_000),
            name,
        )
        for number, (name, visits, spent) in enumerate(groups)
        for index in range(18)
    ]
    frame = _frame("scatter", "Kunjungan dan belanja", "Makin sering datang, makin besar belanja per bulan.")
    money = Axis(name="Belanja per bulan", text=rupiah, tick=rupiah_compact)
    visits_axis = Axis(name="Kunjungan per bulan")
    return scatter(frame, dots, across=visits_axis, up=money, label_head="Pelanggan", group_head="Tingkat")


def _empty() -> SafeString:
    return line(_frame("empty", "Tanpa data", "Belum ada pesanan."), [], across="Hari", up=MONEY)


def _single() -> SafeString:
    frame = _frame("single", "Hari pertama", "Baru satu hari tercatat.")
    return line(frame, [Point("22 Nov", 1_350_000)], across="Hari", up=MONEY)


def _zeros() -> SafeString:
    frame = _frame("zeros", "Penukaran hadiah", "Belum ada hadiah yang ditukar.")
    points = [Point(month, 0) for month in MONTHS[:6]]
    return bars(frame, points, across="Bulan", up=Axis(name="Penukaran"))


def _negative() -> SafeString:
    changes = (
        ("Kopi susu gula aren ukuran besar dengan tambahan dua porsi espresso dan krim", 1_840_000),
        ("Es teh", 620_000),
        ("Roti bakar", -310_000),
        ("Cokelat panas", -940_000),
        ("Menu baru", None),
    )
    frame = _frame("negative", "Perubahan omzet", "Perubahan terhadap bulan lalu per menu.")
    up = Axis(name="Perubahan", text=rupiah, tick=rupiah_compact)
    return bar_list(frame, [Point(*change) for change in changes], across="Menu", up=up)


def _gaps() -> SafeString:
    values: tuple[Number | None, ...] = (
        2_100_000_000, 2_350_000_000, None, None, 2_800_000_000, None,
        3_100_000_000, 3_050_000_000, 3_400_000_000, -450_000_000, 1_200_000_000, 3_900_000_000,
    )  # fmt: skip
    frame = _frame("gaps", "Arus kas waralaba", "Tiga bulan belum dilaporkan; September merugi.")
    points = [Point(month, value) for month, value in zip(MONTHS, values, strict=True)]
    return line(frame, points, across="Bulan", up=Axis(name="Arus kas", text=rupiah, tick=rupiah_compact))
