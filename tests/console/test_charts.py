"""Charts: exact numbers and marks, honest gaps, escaped labels, and what every chart owes its readers."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils.safestring import SafeString

from setia.console import charts
from setia.console.charts import Axis, Bin, Dot, Frame, HeatRow, Point, Series, samples
from setia.console.charts.heat import heat_step
from setia.console.charts.lettering import fit
from setia.console.charts.svg import WIDE
from setia.console.charts.ticks import nice_ticks, shown_labels, tick_texts

CSS = Path(charts.__file__).parents[1] / "static" / "setia" / "charts.css"
HOSTILE = "<script>alert(1)</script>\" onload='x"
COUNT = Axis(name="Pelanggan")
GALLERY = {sample.name: sample.html for sample in samples.gallery()}


def frame(name: str = "c1") -> Frame:
    return Frame(
        id=name,
        title="Kunjungan",
        description="Kunjungan Kopi Senja.",
        show_numbers="Lihat angka",
        empty="Belum cukup data",
        unknown="belum diketahui",
    )


def tree(html: str) -> ET.Element:
    return ET.fromstring(f"<page>{html}</page>")


def having(html: str, css: str, tag: str = "*") -> list[ET.Element]:
    """The elements with this class."""
    return [each for each in tree(html).iter() if css in each.get("class", "").split() and tag in ("*", each.tag)]


def sheet(html: str, key: str) -> str:
    """The drawing for wide or narrow places, as text."""
    (svg,) = having(html, f"chart-{key}", "svg")
    return ET.tostring(svg, encoding="unicode")


def texts(html: str, css: str) -> list[str]:
    return ["".join(each.itertext()) for each in having(html, css)]


def table_rows(html: str) -> list[list[str]]:
    (table,) = tree(html).iter("table")
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


def every_kind(label: str) -> list[SafeString]:
    """One of each chart with `label` wherever a person may have typed a text."""
    named, points = Axis(name=label), [Point(label, 3), Point("b", 5)]
    texts = dict.fromkeys(("title", "description", "show_numbers", "empty", "unknown"), label)
    around = [Frame(id=f"k{number}", **texts) for number in range(11)]
    rows = [Series(label, [3, None]), Series("b", [1, 2])]
    dots = [Dot(label, 1, 2, label), Dot("b", None, 2)]
    return [
        charts.spark_line(around[0], [1, 2]),
        charts.line(around[1], points, across=label, up=named),
        charts.multi_line(around[2], [label, "b"], rows, across=label, up=named),
        charts.bars(around[3], points, across=label, up=named),
        charts.bar_list(around[4], points, across=label, up=named),
        charts.stacked_bars(around[5], [label, "b"], rows, across=label, up=named),
        charts.donut(around[6], points, across=label, up=named, rest=label),
        charts.histogram(around[7], [Bin(0, 5, 3)], across=named, up=named),
        charts.heat_table(around[8], [label, "b"], [HeatRow(label, 9, [0.5])], head=label, size_head=label),
        charts.funnel(around[9], points, across=label, up=named, of_first=label, of_previous=label),
        charts.scatter(around[10], dots, across=named, up=named, label_head=label, group_head=label),
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1250, "1.250"),
        (-1250, "−1.250"),
        (1234.5, "1.234,5"),
        (0.0125, "0,0125"),
        (10**15 + 1, "1.000.000.000.000.001"),
        (-0.0, "0"),
    ],
)
def test_thousands(value: float, text: str) -> None:
    assert charts.thousands(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.418, "41,8%"), (1, "100%"), (0, "0%"), (-0.021, "−2,1%"), (-0.0001, "0%"), (12.5, "1.250%")],
)
def test_percent(share: float, text: str) -> None:
    assert charts.percent(share) == text


def test_whole_percent_never_hides_a_real_share() -> None:
    assert [charts.whole_percent(share) for share in (0.0, 0.001, 0.126)] == ["0%", "<1%", "13%"]


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (950, "Rp 950"),
        (350_000, "Rp 350 rb"),
        (12_500, "Rp 12,5 rb"),
        (999_950, "Rp 1 jt"),
        (1_200_000, "Rp 1,2 jt"),
        (812_400_000, "Rp 812 jt"),
        (2_100_000_000, "Rp 2,1 M"),
        (3_000_000_000_000, "Rp 3 T"),
        (-1_200_000, "−Rp 1,2 jt"),
    ],
)
def test_rupiah_compact(amount: int, text: str) -> None:
    assert charts.rupiah_compact(amount) == text


def test_rupiah_in_full() -> None:
    assert [charts.rupiah(1_250_000), charts.rupiah(-500), charts.rupiah(0)] == ["Rp 1.250.000", "−Rp 500", "Rp 0"]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 573, (0, 200, 400, 600)),
        (0.0, 1.0, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (-450, 3900, (-1000, 0, 1000, 2000, 3000, 4000)),
        (0, 0, (0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (7, 7, (0, 2, 4, 6, 8)),
        (0, 3e21, (0, 1e21, 2e21, 3e21)),
    ],
)
def test_ticks_step_by_one_two_or_five(low: float, high: float, ticks: tuple[float, ...]) -> None:
    assert nice_ticks(low, high) == ticks


def test_ticks_of_things_in_pieces_have_no_fractions() -> None:
    assert nice_ticks(0, 2, whole=True) == (0, 1, 2)
    assert nice_ticks(0, 0, whole=True) == (0, 1)


def test_tick_texts_fall_back_to_full_where_short_ones_are_equal() -> None:
    axis = Axis(name="Omzet", text=charts.rupiah, tick=charts.rupiah_compact)
    assert tick_texts(axis, (10_000_000, 10_010_000)) == ("Rp 10.000.000", "Rp 10.010.000")
    assert tick_texts(COUNT, (0, 500_000, 1_000_000)) == ("0", "500 rb", "1 jt")


def test_last_label_is_always_shown() -> None:
    assert shown_labels(60, width=40, gap=10, room=4) == (7, 20, 33, 46, 59)


def test_long_label_is_cut_and_kept_in_a_title() -> None:
    name = "Kopi susu gula aren ukuran besar dengan tambahan espresso"
    html = charts.bar_list(frame(), [Point(name, 3)], across="Menu", up=COUNT)
    assert fit(name, 14, 100) == "Kopi susu g…"
    assert texts(sheet(html, "broad"), "chart-label") == [f"{name}Kopi susu gula aren ukuran…"]


def labels_of(key: str, *labels: str) -> list[str]:
    points = [Point(label, 3) for label in labels]
    html = charts.bars(frame(), points, across="Bulan", up=Axis(name="Cangkir", tick=str))
    return [text for text in texts(sheet(html, key), "chart-tick") if not text.isdigit()]


def test_one_long_label_displaces_no_other_but_usual_ones_are_never_stumps() -> None:
    long = "Kopi susu gula aren ukuran besar"
    assert labels_of("narrow", "Jan", long, "Mar", "Apr") == ["Jan", f"{long}Kopi s…", "Mar", "Apr"]
    assert labels_of("narrow", *(f"2026-11-0{day}" for day in range(9))) == ["2026-11-02", "2026-11-05", "2026-11-08"]
    assert labels_of("wide", *(f"M{month}" for month in range(13)))[-3:] == ["M10", "M11", "M12"]


@pytest.mark.parametrize("name", GALLERY)
def test_every_drawing_is_named(name: str) -> None:
    page = tree(GALLERY[name])
    ids = {each.get("id") for each in page.iter() if each.get("id")}
    for svg in page.iter("svg"):
        if svg.get("aria-hidden") == "true":
            continue
        assert svg.get("role") == "img"
        assert [each.tag for each in svg[:2]] == ["title", "desc"]
        assert svg.get("aria-labelledby") == f"{svg[0].get('id')} {svg[1].get('id')}"
        assert {svg[0].get("id"), svg[1].get("id")} <= ids


def test_buttons_that_save_wait_for_a_script_and_stand_only_where_they_have_words() -> None:
    points = [Point("Sen", 1), Point("Sel", 2)]
    bare = charts.bars(frame(), points, across="Hari", up=COUNT)
    saved = charts.bars(replace(frame(), save_picture="Gambar", save_numbers="Angka"), points, across="Hari", up=COUNT)
    assert having(bare, "chart-save") == []
    (row,) = having(saved, "chart-save")
    assert row.get("hidden") == "hidden"
    assert [(button.get("data-save"), button.text) for button in row] == [("png", "Gambar"), ("csv", "Angka")]


def test_ids_are_unique_over_all_charts() -> None:
    ids = [each.get("id") for html in GALLERY.values() for each in tree(html).iter() if each.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", GALLERY)
def test_nothing_the_content_security_policy_forbids(name: str) -> None:
    page = tree(GALLERY[name])
    assert {each.tag for each in page.iter()}.isdisjoint({"style", "script", "foreignObject", "image", "use"})
    attributes = {key for each in page.iter() for key in each.attrib}
    assert not {key for key in attributes if key == "style" or key.startswith("on")}


@pytest.mark.parametrize("html", every_kind(HOSTILE))
def test_hostile_texts_are_escaped(html: SafeString) -> None:
    page = tree(html)
    assert "<script" not in html
    assert "script" not in {each.tag for each in page.iter()}
    assert "onload" not in {key for each in page.iter() for key in each.attrib}
    assert HOSTILE in "".join(page.itertext())


def test_ids_that_would_break_the_naming_are_refused() -> None:
    with pytest.raises(ValueError, match="not an HTML id: 'two words'"):
        frame("two words")


@pytest.mark.parametrize(
    "draw",
    [
        lambda: charts.spark_line(frame(), [None]),
        lambda: charts.line(frame(), [], across="Hari", up=COUNT),
        lambda: charts.multi_line(frame(), ["a"], [Series("s", [None])], across="Hari", up=COUNT),
        lambda: charts.bars(frame(), [Point("a", None)], across="Hari", up=COUNT),
        lambda: charts.bar_list(frame(), [], across="Hari", up=COUNT),
        lambda: charts.stacked_bars(frame(), [], [], across="Hari", up=COUNT),
        lambda: charts.donut(frame(), [], across="Hari", up=COUNT, rest="Lainnya"),
        lambda: charts.histogram(frame(), [], across=COUNT, up=COUNT),
        lambda: charts.heat_table(frame(), ["M0"], [HeatRow("Jan", 0, [None])], head="Kohort"),
        lambda: charts.funnel(frame(), [], across="Tahap", up=COUNT, of_first="a", of_previous="b"),
        lambda: charts.scatter(frame(), [Dot("a", 1, None)], across=COUNT, up=COUNT, label_head="Nama"),
    ],
)
def test_nothing_known_is_said_and_not_drawn(draw: Callable[[], SafeString]) -> None:
    html = draw()
    assert texts(html, "chart-empty") == ["Belum cukup data"]
    assert "<svg" not in html
    assert 'id="c1"' in html


def test_line_breaks_at_the_unknown_and_tells_it_from_zero() -> None:
    points = [Point("a", 0), Point("b", 2), Point("c", None), Point("d", 4)]
    html = charts.line(frame(), points, across="Hari", up=COUNT)
    strokes = [each.get("d", "") for each in having(sheet(html, "wide"), "chart-stroke")]
    assert [path.count("L") + 1 for path in strokes] == [2]
    assert len(having(sheet(html, "wide"), "chart-mark")) == 3
    assert table_rows(html) == [
        ["Hari", "Pelanggan"], ["a", "0"], ["b", "2"], ["c", "belum diketahui"], ["d", "4"],
    ]  # fmt: skip


def test_line_of_one_point_is_a_mark_in_the_middle() -> None:
    html = charts.line(frame(), [Point("22 Nov", 4)], across="Hari", up=COUNT)
    (mark,) = having(sheet(html, "wide"), "chart-mark")
    assert having(sheet(html, "wide"), "chart-stroke") == []
    assert WIDE.width * 0.4 < float(mark.get("cx", "0")) < WIDE.width * 0.6


def test_line_treats_what_is_no_number_as_unknown() -> None:
    points = [Point("a", float("nan")), Point("b", float("inf")), Point("c", 10**400), Point("d", 1)]
    rows = table_rows(charts.line(frame(), points, across="Hari", up=COUNT))
    assert [row[1] for row in rows[1:]] == ["belum diketahui"] * 3 + ["1"]


def test_line_above_a_cut_axis_has_no_shade() -> None:
    points = [Point("a", 1000), Point("b", 1010)]
    cut = charts.line(frame(), points, across="Hari", up=Axis(name="Harga", zero=False))
    whole = charts.line(frame(), points, across="Hari", up=COUNT)
    assert len(having(whole, "chart-shade")) == 2
    assert having(cut, "chart-shade") == []


def test_lines_differ_in_shape_and_dash_and_not_in_color_alone() -> None:
    rows = [Series(name, [1, 2]) for name in ("Emas", "Perak", "Perunggu")]
    wide = sheet(charts.multi_line(frame(), ["a", "b"], rows, across="Bulan", up=COUNT), "wide")
    strokes = [each.get("class", "") for each in having(wide, "chart-stroke")]
    assert strokes == [f"chart-stroke chart-tone-{n} chart-dash-{n}" for n in (1, 2, 3)]
    shapes = [each.get("d", "").count("L") for each in having(wide, "chart-mark", "path")]
    assert shapes == [3, 3, 2, 2]


def test_lines_that_reach_the_end_are_named_there() -> None:
    rows = [Series("Emas", [9, 8]), Series("Perak", [9, 8])]
    html = charts.multi_line(frame(), ["a", "b"], rows, across="Bulan", up=COUNT)
    labels = having(sheet(html, "wide"), "chart-label")
    assert ["".join(label.itertext()) for label in labels] == ["Emas", "Perak"]
    assert [label.get("y") for label in labels] == ["58.6", "76.6"]
    assert len(having(html, "chart-legend-narrow")) == 1


def test_shorter_series_is_not_yet_known_and_longer_one_refused() -> None:
    html = charts.multi_line(frame(), ["M0", "M1"], [Series("Jan", [1]), Series("Des", [1, 2])], across="x", up=COUNT)
    assert table_rows(html)[2] == ["M1", "belum diketahui", "2"]
    assert having(html, "chart-legend-narrow") == []
    with pytest.raises(ValueError, match="series 'Jan' has 3 values for 1 labels"):
        charts.multi_line(frame(), ["M0"], [Series("Jan", [1, 2, 3])], across="x", up=COUNT)


def test_sixty_points_keep_their_titles_and_drop_labels() -> None:
    points = [Point(f"{day} Okt", day) for day in range(60)]
    wide = sheet(charts.line(frame(), points, across="Hari", up=COUNT), "wide")
    assert len(having(wide, "chart-hover")) == 60
    assert len([text for text in texts(wide, "chart-tick") if "Okt" in text]) < 12
    assert "59 Okt" in texts(wide, "chart-tick")


def test_spark_line_has_no_table_and_ends_in_a_dot() -> None:
    html = charts.spark_line(frame(), [4, None, 6])
    assert "<details" not in html
    assert [each.get("d") for each in having(html, "chart-end")] == ["M116 4h0"]


def test_bars_stand_on_zero_and_hang_from_it() -> None:
    html = charts.bars(frame(), [Point("a", 4), Point("b", -4), Point("c", None)], across="x", up=COUNT)
    up, down = [each.get("d", "") for each in having(sheet(html, "wide"), "chart-fill")]
    base = re.match(r"M[\d.]+ ([\d.]+)", up)
    assert base
    assert down.split("V")[0].endswith(base[1])
    assert table_rows(html)[3] == ["c", "belum diketahui"]
    assert texts(sheet(html, "wide"), "chart-value") == ["4", "−4"]


def test_bars_of_zeros_are_flat_under_an_honest_axis() -> None:
    html = charts.bars(frame(), [Point("a", 0), Point("b", 0)], across="x", up=COUNT)
    assert texts(sheet(html, "wide"), "chart-tick")[:2] == ["0", "1"]
    assert texts(sheet(html, "wide"), "chart-value") == ["0", "0"]


def test_stacked_bars_write_totals_and_hatch_all_but_the_first_series() -> None:
    rows = [Series("Toko", [3, 1]), Series("GoFood", [2, None])]
    html = charts.stacked_bars(frame(), ["a", "b"], rows, across="Bulan", up=COUNT)
    wide = sheet(html, "wide")
    assert texts(wide, "chart-value") == ["5", "1"]
    assert [each.get("fill") for each in having(wide, "chart-hatch")] == ["url(#c1-wide-hatch-2)"]
    assert table_rows(html) == [["Bulan", "Toko", "GoFood"], ["a", "3", "2"], ["b", "1", "belum diketahui"]]


def test_stacked_negatives_go_down_and_then_no_total_is_claimed() -> None:
    rows = [Series("masuk", [5]), Series("keluar", [-3])]
    html = charts.stacked_bars(frame(), ["a"], rows, across="Bulan", up=COUNT)
    assert texts(sheet(html, "wide"), "chart-value") == []
    assert texts(sheet(html, "wide"), "chart-tick")[:5] == ["−4", "−2", "0", "2", "4"]


def test_histogram_counts_into_round_classes() -> None:
    bins = charts.bin_values([1, 2, 9, 10, 20, None], at_most=4)
    html = charts.histogram(frame(), bins, across=Axis(name="Hari"), up=COUNT)
    assert bins == (Bin(0, 5, 2), Bin(5, 10, 1), Bin(10, 15, 1), Bin(15, 20, 1))
    assert table_rows(html)[1] == ["0 – 5", "2"]
    assert charts.bin_values([None]) == ()
    assert charts.bin_values([4, 4]) == (Bin(4, 5, 2),)


def test_bar_list_writes_shares_only_of_a_whole() -> None:
    whole = charts.bar_list(frame(), [Point("Juara", 1), Point("Baru", 3)], across="Segmen", up=COUNT)
    torn = charts.bar_list(frame(), [Point("Naik", 1), Point("Turun", -3)], across="Menu", up=COUNT)
    assert texts(sheet(whole, "narrow"), "chart-value") == ["1 · 25%", "3 · 75%"]
    assert table_rows(whole)[1] == ["Juara", "1", "25%"]
    assert texts(sheet(torn, "narrow"), "chart-value") == ["1", "−3"]


def test_donut_of_one_part_is_a_ring_without_seam() -> None:
    html = charts.donut(frame(), [Point("Tunai", 7)], across="Cara", up=COUNT, rest="Lainnya")
    (ring,) = [
        each for each in having(html, "chart-ring")[0].iter("path") if each.get("class", "").startswith("chart-f")
    ]
    assert "L" not in ring.get("d", "")
    assert texts(html, "chart-note") == ["7 · 100%"]


def test_donut_folds_small_parts_in_the_picture_only() -> None:
    parts = [Point(f"p{number}", number) for number in range(1, 11)]
    html = charts.donut(frame(), parts, across="Bagian", up=COUNT, rest="Lainnya")
    assert texts(html, "chart-name") == ["p4", "p5", "p6", "p7", "p8", "p9", "p10", "Lainnya"]
    assert texts(html, "chart-note")[-1] == "6 · 10,9%"
    assert len(table_rows(html)) == 11


def test_donut_of_zeros_is_hollow() -> None:
    html = charts.donut(frame(), [Point("a", 0)], across="x", up=COUNT, rest="Lainnya")
    assert having(html, "chart-slice") == []
    assert len(having(html, "chart-hollow")) == 1
    assert table_rows(html)[1] == ["a", "0", "belum diketahui"]


def test_negative_parts_and_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        charts.donut(frame(), [Point("a", -1)], across="x", up=COUNT, rest="Lainnya")
    with pytest.raises(ValueError, match="fewer than none"):
        charts.funnel(frame(), [Point("a", -1)], across="x", up=COUNT, of_first="a", of_previous="b")


def test_heat_table_never_shows_the_unknown_as_zero() -> None:
    rows = [HeatRow("Okt", 40, [1.0, 0.0]), HeatRow("Nov", 30, [1.0])]
    html = charts.heat_table(frame(), ["M0", "M1"], rows, head="Kohort", size_head="Orang")
    cells = [(each.get("class"), "".join(each.itertext())) for each in tree(html).iter("td")]
    assert cells == [
        ("heat-size", "40"), ("heat-9", "100%"), ("heat-0", "0%"),
        ("heat-size", "30"), ("heat-9", "100%"), ("heat-unknown", "belum diketahui"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "top", "step"), [(0, 1, 0), (0.1, 1, 1), (0.3, 1, 3), (0.999, 1, 9), (2, 1, 9), (-1, 1, 0), (0, 0, 0)]
)
def test_heat_steps(value: float, top: float, step: int) -> None:
    assert heat_step(value, top) == step


def test_heat_table_refuses_cells_without_a_column() -> None:
    with pytest.raises(ValueError, match="row 'Okt' has 2 cells for 1 columns"):
        charts.heat_table(frame(), ["M0"], [HeatRow("Okt", 1, [1, 1])], head="Kohort")


def test_funnel_writes_both_shares_and_none_after_nothing() -> None:
    stages = [Point("Dikirim", 200), Point("Dibuka", 50), Point("Datang", 0), Point("Kembali", 0)]
    html = charts.funnel(frame(), stages, across="Tahap", up=COUNT, of_first="Dari awal", of_previous="Dari tahap lalu")
    assert table_rows(html)[1:] == [
        ["Dikirim", "200", "100%", "belum diketahui"],
        ["Dibuka", "50", "25%", "25%"],
        ["Datang", "0", "0%", "0%"],
        ["Kembali", "0", "0%", "belum diketahui"],
    ]
    assert len(having(sheet(html, "broad"), "chart-slope")) == 2


def test_scatter_draws_what_is_measured_twice_and_lists_the_rest() -> None:
    dots = [Dot("Dewi", 3, 40, "Emas"), Dot("Eko", None, 5, "Perak")]
    html = charts.scatter(frame(), dots, across=COUNT, up=COUNT, label_head="Nama", group_head="Tingkat")
    assert texts(sheet(html, "wide"), "chart-dot") == ["Dewi: 3, 40"]
    assert table_rows(html)[2] == ["Eko", "Perak", "belum diketahui", "5"]
    assert texts(html, "chart-name") == ["Emas", "Perak"]
