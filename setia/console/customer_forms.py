"""Forms about people: the profile with the shop's own fields, ways to recognize them, families, consent."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from setia.console.forms import CustomerForm
from setia.console.money_field import MoneyField
from setia.domains.customers.models import CustomField
from setia.domains.customers.rules import FieldKind, IdentityKind, is_nobody, normal_value
from setia.domains.customers.rules.consents import CHANNELS, Channel, Purpose
from setia.domains.customers.rules.fields import BadFieldValue, parse_field, seems_specific
from setia.domains.staff.models import Staff

SALUTATIONS = [("", "–"), ("kak", "Kak"), ("bapak", "Bapak"), ("ibu", "Ibu"), ("mas", "Mas"), ("mbak", "Mbak")]
GENDERS = [("", "–"), ("female", _("Woman")), ("male", _("Man"))]
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
CHANNEL_NAMES = {
    Channel.ANY: _("Everywhere"),
    Channel.WHATSAPP: _("WhatsApp"),
    Channel.EMAIL: _("E-mail"),
    Channel.SMS: _("SMS"),
    Channel.PHONE: _("Telephone"),
    Channel.PUSH: _("Notification"),
    Channel.POST: _("Letter"),
}
PURPOSE_NAMES = {
    Purpose.MARKETING: _("News and offers"),
    Purpose.SERVICE: _("Messages about own orders"),
    Purpose.PROFILING: _("Scores and groups"),
    Purpose.SHARING: _("Handing data to others"),
    Purpose.PUBLISHING: _("Showing reviews and photos"),
}
IDENTITY_NAMES = {
    IdentityKind.EXTERNAL: _("Number in the shop's till"),
    IdentityKind.CARD: _("Member card"),
    IdentityKind.PHONE: _("Phone"),
    IdentityKind.MARKET: _("Marketplace account"),
    IdentityKind.SOCIAL: _("Social account"),
    IdentityKind.EMAIL: _("E-mail"),
}
RELATIONS = [
    ("child", _("Child")),
    ("spouse", _("Husband or wife")),
    ("parent", _("Parent")),
    ("wedding", _("Wedding day")),
    ("other", _("Other day")),
]
FIELD_KIND_NAMES = {
    FieldKind.TEXT: _("Text"),
    FieldKind.NUMBER: _("Number"),
    FieldKind.DATE: _("Date"),
    FieldKind.CHOICE: _("Choice from a list"),
    FieldKind.YES_NO: _("Yes or no"),
}
_VALUE_ERRORS = {
    "bad_number": _("This is not a number. Write it like 12500 or 12,5."),
    "bad_date": _("This is not a date. Write it like 31/12/2026."),
    "no_such_choice": _("This is none of the choices."),
    "bad_yes_no": _("Write yes or no."),
    "too_long": _("This is too long; at most 500 letters."),
}
LONGEST_INTERESTS = 20


class OwnerChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among the team by name."""

    def label_from_instance(self, obj: Staff) -> str:
        return obj.name


class ProfileForm(CustomerForm):
    """A person's whole profile. The shop's own fields come after the usual ones, as `custom_<key>`."""

    country = forms.CharField(label=_("Country"), max_length=80, required=False)
    salutation = forms.ChoiceField(label=_("Called"), choices=SALUTATIONS, required=False)
    gender = forms.ChoiceField(label=_("Gender"), choices=GENDERS, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False)
    preferred_channel = forms.ChoiceField(
        label=_("Likes to be reached by"),
        choices=[("", "–"), *((c.value, name) for c, name in CHANNEL_NAMES.items() if c is not Channel.ANY)],
        required=False,
    )
    interests = forms.CharField(
        label=_("Likes"),
        max_length=500,
        required=False,
        help_text=_("Kinds of products and other things, with commas between: kopi susu, kue, acara komunitas"),
    )
    acquisition_source = forms.CharField(
        label=_("How did they find the shop?"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"list": "sources"}),
    )
    acquisition_cost = MoneyField(label=_("What it cost to win them"), min_value=0, max_value=10**12, required=False)
    owner = OwnerChoice(
        label=_("Looked after by"), queryset=Staff.objects.none(), required=False, empty_label=_("nobody in particular")
    )

    def __init__(self, *args: Any, fields: Sequence[CustomField] = (), scale: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = cast("forms.ModelChoiceField[Staff]", self.fields["owner"])
        owner.queryset = Staff.objects.filter(is_active=True).order_by("name")
        cast("MoneyField", self.fields["acquisition_cost"]).scale = scale
        self.custom = {f"custom_{field.key}": field for field in fields}
        for name, field in self.custom.items():
            self.fields[name] = _custom_form_field(field)

    def custom_bound(self) -> list[Any]:
        """Return the bound fields of the shop's own, for the template."""
        return [self[name] for name in self.custom]

    def clean_interests(self) -> list[str]:
        words = [" ".join(word.split())[:40] for word in self.cleaned_data["interests"].split(",")]
        return list(dict.fromkeys(word for word in words if word))[:LONGEST_INTERESTS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, field in self.custom.items():
            try:
                cleaned[name] = parse_field(FieldKind(field.kind), str(cleaned.get(name) or ""), field.choices)
            except BadFieldValue as error:
                self.add_error(name, _VALUE_ERRORS[error.code])
        return cleaned

    def custom_values(self) -> dict[str, str]:
        """Return what was typed for the shop's own fields, by key."""
        return {field.key: self.cleaned_data[name] for name, field in self.custom.items()}


def _custom_form_field(field: CustomField) -> forms.Field:
    kind = FieldKind(field.kind)
    if kind is FieldKind.CHOICE:
        choices = [("", "–"), *((choice, choice) for choice in field.choices)]
        return forms.ChoiceField(label=field.label, choices=choices, required=False)
    if kind is FieldKind.YES_NO:
        choices = [("", "–"), ("yes", _("Yes")), ("no", _("No"))]
        return forms.ChoiceField(label=field.label, choices=choices, required=False)
    widget: forms.Widget = forms.TextInput()
    if kind is FieldKind.DATE:
        widget = forms.DateInput(attrs={"type": "date"})
    if kind is FieldKind.NUMBER:
        widget = forms.TextInput(attrs={"inputmode": "decimal"})
    return forms.CharField(label=field.label, max_length=500, required=False, widget=widget)


class IdentityForm(forms.Form):
    """One more way to recognize a person."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[(k.value, name) for k, name in IDENTITY_NAMES.items()])
    value = forms.CharField(
        label=_("Number or name"),
        max_length=120,
        help_text=_("A marketplace or social account with its place: shopee:dewi88, instagram:dewi.l"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") and cleaned.get("value"):
            kind = IdentityKind(cleaned["kind"])
            value = normal_value(kind, cleaned["value"])
            if not value:
                self.add_error("value", _("This cannot be one of that kind."))
            elif is_nobody(kind, value) and not isinstance(self, BlockForm):
                self.add_error("value", _("People type this to get past a field; it tells nobody apart."))
        return cleaned


class BlockForm(IdentityForm):
    """A value that identifies nobody."""

    reason = forms.CharField(
        label=_("What is it?"), max_length=120, required=False, help_text=_("For example: the till's tablet")
    )


class FamilyDateForm(forms.Form):
    """A day that matters to a family."""

    relation = forms.ChoiceField(label=_("Who or what"), choices=RELATIONS)
    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    date = forms.DateField(label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class ConsentForm(forms.Form):
    """One answer: to what, on which channels, yes or no, and what proves it."""

    purpose = forms.ChoiceField(label=_("For"), choices=[(p.value, name) for p, name in PURPOSE_NAMES.items()])
    channels = forms.MultipleChoiceField(
        label=_("By"),
        choices=[(c.value, name) for c, name in CHANNEL_NAMES.items() if c is not Channel.ANY],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    answer = forms.ChoiceField(label=_("Said"), choices=[("yes", _("Yes, allowed")), ("no", _("No, stop"))])
    evidence = forms.CharField(
        label=_("What proves it"),
        max_length=2000,
        required=False,
        help_text=_("A yes needs it. For example: signed the card at the till; wrote “YA” by WhatsApp on 3 May."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    is_guardian = forms.BooleanField(label=_("A parent or guardian said so"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        purpose = cleaned.get("purpose")
        if purpose:
            fitting = {channel.value for channel in CHANNELS[Purpose(purpose)]}
            chosen = [Channel.ANY.value] if Channel.ANY.value in fitting else cleaned.get("channels", [])
            cleaned["channels"] = [channel for channel in chosen if channel in fitting]
            if not cleaned["channels"]:
                self.add_error("channels", _("Choose at least one way that fits the purpose."))
        if cleaned.get("answer") == "yes" and not cleaned.get("evidence", "").strip():
            self.add_error("evidence", _("The law asks for proof of a yes. Write down how it was given."))
        return cleaned


class WordingForm(forms.Form):
    """The words with which a purpose is asked."""

    purpose = forms.ChoiceField(label=_("For"), choices=[(p.value, name) for p, name in PURPOSE_NAMES.items()])
    text_id = forms.CharField(label=_("In Indonesian"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    text_en = forms.CharField(
        label=_("In English"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class FieldForm(forms.Form):
    """A field of the shop's own."""

    label = forms.CharField(label=_("Name"), max_length=60)
    kind = forms.ChoiceField(label=_("Holds"), choices=[(k.value, name) for k, name in FIELD_KIND_NAMES.items()])
    choices = forms.CharField(
        label=_("Choices"),
        max_length=1000,
        required=False,
        help_text=_("One on each line; only for a choice from a list."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    purpose = forms.CharField(
        label=_("What the shop needs it for"),
        max_length=200,
        help_text=_("The law asks for it, and people may ask you."),
    )
    retention_days = forms.IntegerField(
        label=_("Forget values after so many days"),
        min_value=0,
        max_value=36_500,
        required=False,
        help_text=_("0 keeps them as long as the customer."),
    )
    is_specific = forms.BooleanField(
        label=_("Sensitive: health, faith, money, children, …"),
        required=False,
        help_text=_("Kept encrypted only and shown only to those who may see personal data."),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    knows = forms.BooleanField(label=_("It is not sensitive, although its name sounds so"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        lines = [" ".join(line.split())[:60] for line in cleaned.get("choices", "").splitlines()]
        cleaned["choices"] = list(dict.fromkeys(line for line in lines if line))
        if cleaned.get("kind") == FieldKind.CHOICE and not cleaned["choices"]:
            self.add_error("choices", _("Write at least one choice."))
        sounds = seems_specific(cleaned.get("label", ""))
        if sounds and not cleaned.get("is_specific") and not cleaned.get("knows"):
            self.add_error("is_specific", _("This sounds like sensitive data. Tick it, or say below that it is not."))
        return cleaned
