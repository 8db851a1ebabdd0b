"""The form of what a shop decides about its figures."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from setia.console import measure_words
from setia.domains.analytics.models import AnalyticsChoices


class ChoicesForm(forms.Form):
    """When a customer counts as active and as lost, in which trade the shop is, and where RFM scores change."""

    active_days = forms.IntegerField(
        label=_("Active is who bought within … days"),
        min_value=1,
        max_value=1095,
        help_text=_(
            "About twice the usual time between two purchases: 30 for daily coffee, 90 for clothes, 365 for furniture."
        ),
    )
    lost_days = forms.IntegerField(
        label=_("Lost is who has not bought for … days"),
        min_value=2,
        max_value=3650,
        help_text=_("More than the days above."),
    )
    industry = forms.ChoiceField(
        label=_("Trade"),
        choices=list(measure_words.INDUSTRIES.items()),
        help_text=_("Figures are judged by what is usual in it."),
    )
    rfm_preset = forms.ChoiceField(
        label=_("Scores of RFM"),
        choices=[
            ("levels", _("Fixed steps: Rp 500 thousand, 2, 5 and 10 million")),
            ("fifths", _("Fifths of my own customers")),
        ],
        help_text=_("Fifths suit shops whose prices are far below or above those steps."),
    )

    @staticmethod
    def initial_of(row: AnalyticsChoices) -> dict[str, Any]:
        """Return what stands now."""
        return {
            "active_days": row.active_days,
            "lost_days": row.lost_days,
            "industry": row.industry,
            "rfm_preset": row.rfm_preset,
        }

    def clean(self) -> dict[str, Any]:
        """Refuse a customer who is lost before he stops being active."""
        found = super().clean() or {}
        active, lost = found.get("active_days"), found.get("lost_days")
        if active and lost and lost <= active:
            self.add_error("lost_days", _("Must be more than the days somebody counts as active."))
        return found
