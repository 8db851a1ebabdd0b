"""Forms of goals. Shares are typed in percent, amounts in units of the currency."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from setia.console import guide_words, measure_words
from setia.domains.analytics.measuring import MEASURES
from setia.domains.guidance.actions import Aim
from setia.domains.guidance.rules.goals import Wish, quarter_end, quarter_of
from setia.domains.staff.models import Staff
from setia.domains.teamwork.queries import colleagues

_MOST = 10**13


def typed(value: float, unit: str, scale: int) -> float:
    """Return a value as people type it: 80 for 0.8, rupiah for smallest units."""
    found = value * 100 if unit == "share" else value / 10**scale if unit == "money" else value
    found = round(found, 4)
    return int(found) if found == int(found) else found


def kept(value: float, unit: str, scale: int) -> float:
    """Return what people typed as it is kept."""
    return value / 100 if unit == "share" else value * 10**scale if unit == "money" else value


def _number(label: Any, **more: Any) -> forms.FloatField:
    return forms.FloatField(label=label, min_value=-_MOST, max_value=_MOST, localize=True, **more)


def quarter_name(quarter: date) -> str:
    """Return a quarter as people write it: Q4 2026."""
    return f"Q{(quarter.month + 2) // 3} {quarter.year}"


class ObjectiveForm(forms.Form):
    """An objective of this quarter or the next, with ready-made key results to choose from."""

    title = forms.CharField(label=_("What you want to reach"), max_length=160)
    quarter = forms.ChoiceField(label=_("Quarter"))
    rhythm = forms.ChoiceField(label=_("You look at it"), choices=list(guide_words.RHYTHMS.items()))
    owner = forms.ModelChoiceField(label=_("Whose goal it is"), queryset=Staff.objects.none(), empty_label=None)

    def __init__(self, *args: Any, viewer: Staff, today: date, wishes: list[Wish], scale: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wishes, self.scale = wishes, scale
        now = quarter_of(today)
        choices: Any = self.fields["quarter"]
        choices.choices = [(str(each), quarter_name(each)) for each in (now, quarter_end(now))]
        owner: Any = self.fields["owner"]
        owner.queryset, owner.initial = colleagues(viewer), viewer.id
        owner.label_from_instance = lambda person: person.name
        for wish in wishes:
            name = guide_words.WISHES[wish.name]
            self.fields[f"use_{wish.name}"] = forms.BooleanField(label=name, required=False)
            for side, label in (("start", _("Start")), ("target", _("Target"))):
                value = typed(getattr(wish, side), wish.unit, scale)
                self.fields[f"{side}_{wish.name}"] = _number(label, required=False, initial=value)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the ready-made key results with their three fields."""
        return [
            {"unit": guide_words.UNITS[wish.unit], "is_live": bool(wish.measure),
             "use": self[f"use_{wish.name}"], "start": self[f"start_{wish.name}"],
             "target": self[f"target_{wish.name}"]}
            for wish in self.wishes
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Refuse a chosen key result without a way to go."""
        found = super().clean() or {}
        for wish in self.wishes:
            start, target = found.get(f"start_{wish.name}"), found.get(f"target_{wish.name}")
            if found.get(f"use_{wish.name}") and (start is None or target is None or start == target):
                self.add_error(f"target_{wish.name}", guide_words.REFUSALS["nowhere"])
        return found

    def aims(self) -> list[Aim]:
        """Return the chosen key results."""
        given = self.cleaned_data
        return [
            Aim(
                title=str(guide_words.WISHES[wish.name]), measure=wish.measure, unit=wish.unit,
                start=kept(given[f"start_{wish.name}"], wish.unit, self.scale),
                target=kept(given[f"target_{wish.name}"], wish.unit, self.scale),
            )
            for wish in self.wishes
            if given[f"use_{wish.name}"]
        ]  # fmt: skip


class GoalChangeForm(forms.Form):
    """What an objective is called, how often it is looked at, and whose it is."""

    title = forms.CharField(label=_("What you want to reach"), max_length=160)
    rhythm = forms.ChoiceField(label=_("You look at it"), choices=list(guide_words.RHYTHMS.items()))
    owner = forms.ModelChoiceField(label=_("Whose goal it is"), queryset=Staff.objects.none(), empty_label=None)

    def __init__(self, *args: Any, viewer: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = colleagues(viewer)
        owner.label_from_instance = lambda person: person.name


class KeyResultForm(forms.Form):
    """A key result: a measure, or a figure by hand with its unit."""

    title = forms.CharField(label=_("Key result"), max_length=160)
    measure = forms.ChoiceField(label=_("Measure"), required=False)
    unit = forms.ChoiceField(
        label=_("Unit"), required=False, choices=list(guide_words.UNITS.items()), initial="number",
        help_text=_("Counts only for a figure by hand; a measure has its own."),
    )  # fmt: skip
    start = _number(_("Start"), help_text=_("Shares in percent."))
    target = _number(_("Target"))

    def __init__(self, *args: Any, scale: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scale = scale
        choice: Any = self.fields["measure"]
        named = [
            (measure.name, measure_words.MEASURES[measure.name].name)
            for measure in MEASURES
            if measure.name in measure_words.MEASURES
        ]
        choice.choices = [("", _("by hand")), *named]

    def aim(self) -> Aim:
        """Return the key result to be set."""
        given = self.cleaned_data
        units = {measure.name: measure.unit for measure in MEASURES}
        unit = units.get(given["measure"], given["unit"] or "number")
        return Aim(
            title=given["title"], measure=given["measure"], unit=unit,
            start=kept(given["start"], unit, self.scale), target=kept(given["target"], unit, self.scale),
        )  # fmt: skip


class CheckInForm(forms.Form):
    """Where a key result by hand stands today."""

    value = _number(_("Now"))
    word = forms.CharField(label=_("A word with it"), max_length=300, required=False)


class InitiativeForm(forms.Form):
    """Something to do for an objective."""

    title = forms.CharField(label=_("What is to be done"), max_length=160)
    due_date = forms.DateField(
        label=_("Due"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class LeavingForm(forms.Form):
    """Why a customer left."""

    cause = forms.ChoiceField(label=_("Why"), choices=list(guide_words.CAUSES.items()), widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In his own words"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
