"""A report as a PDF file: A4, black on white, with small trend lines; nobody's name stands in it.

The letters are those of the fonts every reader has, which know Western European writing only; whatever else stands in a
shop's name is written as its nearest letter or a question mark.
"""

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from setia.console import report_words
from setia.console.report_words import Line
from setia.domains.reports.models import Report
from setia.foundation.money import Currency

_GREY, _BLACK, _GREEN, _RED, _LINE = (110, 110, 110), (20, 20, 20), (16, 110, 70), (170, 40, 40), (214, 214, 214)
_ENCODING = "windows-1252"


def plain(text: str) -> str:
    """Return a text in the letters the fonts have."""
    text = text.replace("−", "-").replace("≥", ">=").replace("≤", "<=").replace("▲", "+").replace("▼", "-")
    kept = []
    for letter in text:
        try:
            letter.encode(_ENCODING)
            kept.append(letter)
        except UnicodeEncodeError:
            base = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
            kept.append(base or "?")
    return "".join(kept)


class _Sheet(FPDF):
    """A4 with the shop and the page number at the foot of each page."""

    def __init__(self, foot: str, language: str, title: str, at: datetime) -> None:
        super().__init__(format="A4")
        self.foot = plain(foot)
        self.core_fonts_encoding = _ENCODING
        self.set_title(plain(title))
        self.set_creator("Setia")
        self.set_lang(language)
        self.set_creation_date(at)
        self.set_margin(16)
        self.set_auto_page_break(True, margin=18)
        self.alias_nb_pages()
        self.add_page()

    def footer(self) -> None:
        self.set_y(-13)
        self.set_font("helvetica", size=8)
        self.set_text_color(*_GREY)
        self.cell(0, 5, f"{self.foot}  ·  {self.page_no()} / {{nb}}", align="C")

    def say(self, text: str, *, size: float = 10, bold: bool = False, color: tuple[int, int, int] = _BLACK) -> None:
        self.set_font("helvetica", "B" if bold else "", size)
        self.set_text_color(*color)
        self.multi_cell(0, size * 0.5, plain(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def heading(self, text: str) -> None:
        if self.will_page_break(24):
            self.add_page()
        self.ln(4)
        self.say(text, size=12, bold=True)
        self.ln(1)


def report_pdf(report: Report, *, shop_name: str, currency: Currency, language: str, industry: str) -> bytes:
    """Return a report as the bytes of a PDF file; the same report always gives the same figures."""
    title = report_words.report_title(report)
    sheet = _Sheet(f"{shop_name} · Setia", language, title, report.made_at)
    sheet.say(shop_name, color=_GREY)
    sheet.say(title, size=18, bold=True)
    sheet.ln(3)
    for alert in report.content.get("alerts", []):
        text = report_words.alert_sentence(alert["kind"], alert, currency=currency, language=language)
        sheet.say(f"! {report_words.ALERTS[alert['kind']]}. {text}", color=_RED)
    sheet.heading(_("Figures"))
    _figures(sheet, report_words.lines(report, currency=currency, language=language, industry=industry))
    sheet.heading(_("Customers by segment"))
    _segments(sheet, report)
    wins = report_words.win_sentences(report)
    if wins:
        sheet.heading(_("Quick wins"))
        for win in wins:
            sheet.say(f"-  {win}")
    count = len(report.content.get("at_risk", []))
    if count:
        sheet.ln(3)
        sheet.say(_("Who is at risk stands in Setia only, because this file may pass through many hands."), color=_GREY)
    return bytes(sheet.output())


_WIDTHS = (50, 29, 26, 30, 21, 22)
_ROW = 6.2


def _figures(sheet: _Sheet, lines: Sequence[Line]) -> None:
    """Write the table of measures, the trend of each as a small line; the head stands again on each page."""
    _head(sheet)
    for line in lines:
        if sheet.will_page_break(_ROW):
            sheet.add_page()
            _head(sheet)
        tone = _GREEN if line.is_good else _RED if line.is_good is False else _BLACK
        cells = (
            (line.name, "L", _BLACK), (line.value or line.why or "–", "R", _BLACK), (line.before, "R", _GREY),
            (line.change, "R", tone), (line.band, "L", _BLACK),
        )  # fmt: skip
        top = sheet.get_y()
        sheet.set_font("helvetica", size=8.5)
        for width, (text, align, color) in zip(_WIDTHS, cells, strict=False):
            sheet.set_text_color(*color)
            sheet.cell(width, _ROW, _fitting(sheet, plain(text), width), align=align)
        _trend(sheet, line.trend, x=sheet.get_x() + 2, y=top + 1.2, width=_WIDTHS[-1] - 4, height=_ROW - 2.4)
        sheet.set_draw_color(*_LINE)
        sheet.line(sheet.l_margin, top + _ROW, sheet.w - sheet.r_margin, top + _ROW)
        sheet.set_xy(sheet.l_margin, top + _ROW)


def _head(sheet: _Sheet) -> None:
    sheet.set_font("helvetica", "B", 8.5)
    sheet.set_text_color(*_GREY)
    names = (_("Measure"), _("Value"), _("Before"), _("Difference"), _("Judgment"), _("Trend"))
    for width, name, align in zip(_WIDTHS, names, "LRRRLL", strict=True):
        sheet.cell(width, _ROW, plain(name), align=align)
    sheet.ln(_ROW)


def _fitting(sheet: _Sheet, text: str, width: float) -> str:
    """Return a text shortened to a column: a long word in one cell must not be written over the next."""
    if sheet.get_string_width(text) <= width - 2:
        return text
    while text and sheet.get_string_width(text + "...") > width - 2:
        text = text[:-1]
    return text + "..."


def _trend(sheet: _Sheet, trend: Sequence[float | None], *, x: float, y: float, width: float, height: float) -> None:
    known = [(number, value) for number, value in enumerate(trend) if value is not None]
    if len(known) < 3:
        return
    low, high = min(value for _n, value in known), max(value for _n, value in known)
    room = (high - low) or 1.0
    step = width / (len(trend) - 1)
    sheet.set_draw_color(90, 120, 170)
    sheet.set_line_width(0.35)
    sheet.polyline([(x + number * step, y + height * (1 - (value - low) / room)) for number, value in known])
    sheet.set_line_width(0.2)


def _segments(sheet: _Sheet, report: Report) -> None:
    rows = report_words.segment_rows(report)
    if not rows:
        sheet.say(_("Not enough data yet"), color=_GREY)
        return
    most = max(row["part"] for row in rows) or 1.0
    for row in rows:
        if sheet.will_page_break(7):
            sheet.add_page()
        sheet.set_font("helvetica", size=9)
        sheet.set_text_color(*_BLACK)
        sheet.cell(44, 6, plain(row["name"]))
        change = "" if row["change"] is None else f" ({row['change']:+,})".replace(",", ".")
        x, y = sheet.get_x(), sheet.get_y()
        sheet.set_fill_color(120, 150, 190)
        sheet.rect(x, y + 1.5, max(0.5, 70 * row["part"] / most), 3, style="F")
        sheet.set_x(x + 74)
        sheet.cell(
            0,
            6,
            plain(f"{row['people']:,}".replace(",", ".") + f"  {row['share']}{change}"),
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )
