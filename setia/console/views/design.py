"""The living page of the design system: every component in every state. Only with SETIA_DEBUG."""

from datetime import timedelta

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from setia.console.charts.samples import gallery
from setia.console.doors import StaffRequest, staff_only
from setia.console.happenings import Happening
from setia.console.tables import table_for
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.paging import Page

ICONS = (
    *("home", "people", "bag", "tag", "store", "upload", "badge", "gear", "search", "plus", "pen", "note", "star"),
    *(
        "undo",
        "columns",
        "check",
        "cross",
        "alert",
        "clock",
        "phone",
        "mail",
        "pin",
        "dot",
        "arrow-left",
        "arrow-right",
    ),
    *("arrow-up", "arrow-down", "download", "trash", "link", "print", "menu", "door", "gift", "chart"),
)
SWATCHES = (
    *("paper", "surface", "ink", "ink-soft", "line", "accent", "accent-soft", "gold", "gold-soft", "bad", "bad-soft"),
)

PEOPLE = (
    {
        "name": "Dewi Lestari",
        "contact": "0812-3456-7890 · Bandung",
        "tint": "tint-1",
        "stage": "active",
        "cells": {"spent": "Rp 18.450.000", "orders": "143", "last": "2 hari lalu", "gap": "5 hari"},
    },
    {
        "name": "Eko Prasetyo",
        "contact": "•••• 4417",
        "tint": "tint-2",
        "stage": "lost",
        "cells": {"spent": "Rp 2.310.000", "orders": "17", "last": "8 bulan lalu", "gap": "21 hari"},
    },
)


class SampleForm(forms.Form):
    """Fields in their states."""

    name = forms.CharField(label="Nama", help_text="Nama lengkap seperti di KTP.")
    phone = forms.CharField(label="Telepon")
    city = forms.ChoiceField(label="Kota", choices=[("bdg", "Bandung"), ("mks", "Makassar")])
    note = forms.CharField(label="Catatan", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    agree = forms.BooleanField(label="Boleh dikirimi kabar lewat WhatsApp", required=False)


@staff_only(Capability.VIEW_HOME)
def design(request: StaffRequest) -> HttpResponse:
    """Show every component."""
    wrong = SampleForm({"name": "", "phone": "08", "city": "bdg"})
    wrong.is_valid()
    wrong.add_error("phone", "Nomor ini belum lengkap. Tulis seperti 0812-3456-7890.")
    at = clock.now()
    story = [
        Happening(at, "bag", "good", "Pesanan DGO-261122-04", "Rp 48.000 · 2 barang", "#", "Budi"),
        Happening(at - timedelta(days=2), "note", "gold", "Catatan", "Suka kopi tanpa gula.", "", "Tono"),
        Happening(at - timedelta(days=9), "undo", "bad", "Barang kembali", "Rp 25.000 · 1 barang"),
        Happening(at - timedelta(days=40), "star", "gold", "Pertama dikenal toko", "Dari impor"),
    ]
    context = {
        "charts": gallery(),
        "form": SampleForm(),
        "wrong_form": wrong,
        "icons": ICONS,
        "happenings": story,
        "tints": range(6),
        "swatches": SWATCHES,
        "table": table_for(request.user, "customers"),
        "sorts": ("recent", "spend", "orders"),
        "sort": "spend",
        "people": PEOPLE,
        "page": Page(rows=[], next_cursor="next", previous_cursor="previous"),
    }
    return render(request, "console/design.html", context)
