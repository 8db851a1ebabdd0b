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
    band_set = forms.ChoiceField(
        label=_("Retention is judged by"),
        choices=list(measure_words.BAND_SETS.items()),
        help_text=_("The sources do not agree; pick the table that fits your shop."),
        required=False,
    )
    margin_percent = forms.IntegerField(
        label=_("Of each sale you keep … % after paying for the goods"),
        min_value=1,
        max_value=100,
        required=False,
        help_text=_("For the lifetime value of a customer. Leave it empty to reckon with revenue."),
    )
    rfm_preset = forms.ChoiceField(
        label=_("Scores of RFM"),
        choices=[
            ("levels", _("Fixed steps: Rp 500 thousand, 2, 5 and 10 million")),
            ("fifths", _("Fifths of my own customers")),
            ("three", _("Three levels: 30 and 90 days, 2 and 5 orders, best and last 20 % by spend")),
        ],
        help_text=_("Fifths suit shops whose prices are far below or above those steps."),
    )
    rfm_days = forms.CharField(
        label=_("Steps of days, if you want your own"),
        required=False,
        max_length=60,
        help_text=_("Rising, with commas: 7, 30, 60, 90. Two numbers for three levels. Empty: as above."),
    )
    rfm_counts = forms.CharField(
        label=_("Steps of orders"), required=False, max_length=60, help_text=_("From how many on: 2, 4, 6, 11.")
    )
    rfm_amounts = forms.CharField(
        label=_("Steps of spend"),
        required=False,
        max_length=120,
        help_text=_(
            "Whole amounts with commas and without dots: 500000, 2000000, 5000000, 10000000. Fixed steps only."
        ),
    )
    health_preset = forms.ChoiceField(
        label=_("Health"),
        choices=[
            ("commerce", _("Shop: how lately, how often, how much, how much in touch")),
            ("subscription", _("Subscription: use, touch, support, payment")),
        ],
    )
    tasks_a_day = forms.IntegerField(
        label=_("Tasks a day from worse health, at most"),
        min_value=0,
        max_value=200,
        help_text=_("0: none. Those who are worth most come first."),
    )
    tasks_top_percent = forms.IntegerField(
        label=_("Such tasks for the best … % of buyers"), min_value=1, max_value=100, help_text=_("By spend in a year.")
    )

    @staticmethod
    def initial_of(row: AnalyticsChoices) -> dict[str, Any]:
        """Return what stands now."""
        names = ("active_days", "lost_days", "industry", "rfm_preset", "health_preset", "tasks_a_day", "band_set")
        steps = row.rfm_steps.get(row.rfm_preset, {})
        own = {f"rfm_{name}": ", ".join(str(step) for step in steps.get(name, ())) for name in _STEPS}
        return {name: getattr(row, name) for name in (*names, "tasks_top_percent", "margin_percent")} | own

    def clean(self) -> dict[str, Any]:
        """Refuse a customer who is lost before he stops being active."""
        found = super().clean() or {}
        active, lost = found.get("active_days"), found.get("lost_days")
        if active and lost and lost <= active:
            self.add_error("lost_days", _("Must be more than the days somebody counts as active."))
        found["band_set"] = found.get("band_set") or "overall"
        found["rfm_steps"] = self._steps(found, str(found.get("rfm_preset", "")))
        return {name: value for name, value in found.items() if name not in _RAW}

    def _steps(self, found: dict[str, Any], preset: str) -> dict[str, dict[str, list[int]]]:
        """Return the shop's own steps of the preset, and keep errors where they are none."""
        own: dict[str, list[int]] = {}
        for name in _STEPS:
            typed = str(found.get(f"rfm_{name}", "")).strip()
            if not typed:
                continue
            wanted = _STEPS_OF.get(preset, {}).get(name, 0)
            try:
                steps = [int(part) for part in typed.split(",")]
            except ValueError:
                self.add_error(f"rfm_{name}", _("Whole numbers with commas between them, please."))
                continue
            if not wanted:
                self.add_error(f"rfm_{name}", _("These scores have no such steps of their own: leave it empty."))
            elif len(steps) != wanted:
                text = _("This needs %(count)s numbers.") % {"count": wanted}
                self.add_error(f"rfm_{name}", text)
            elif steps != sorted(set(steps)) or steps[0] < _LEAST[name] or steps[-1] > _MOST:
                self.add_error(f"rfm_{name}", _("The numbers must rise, and none may be too small or too great."))
            else:
                own[name] = steps
        return {preset: own} if own else {}


_STEPS = ("days", "counts", "amounts")
_RAW = {f"rfm_{name}" for name in _STEPS}
_STEPS_OF = {"levels": {"days": 4, "counts": 4, "amounts": 4}, "three": {"days": 2, "counts": 2}}
_LEAST = {"days": 0, "counts": 2, "amounts": 1}
_MOST = 10**15
