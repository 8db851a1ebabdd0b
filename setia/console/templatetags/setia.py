"""Template tags of the console: money, numbers, moments, icons, query strings."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from setia.console import measure_words, score_words, toasts
from setia.console.charts.formats import whole_percent
from setia.foundation import clock
from setia.foundation.clock import zone_label
from setia.foundation.money import format_decimal, format_money, format_money_short, format_number
from setia.foundation.paging import COUNT_LIMIT

register = template.Library()


def _language(context: Any) -> str:
    return str(context.get("language", "id"))


@register.simple_tag(takes_context=True)
def money(context: Any, amount: int | None) -> str:
    """Write an amount of smallest units in the shop's currency; a dash where there is none."""
    return "–" if amount is None else format_money(amount, context["shop"].currency, _language(context))


@register.simple_tag(takes_context=True)
def money_short(context: Any, amount: int | None) -> str:
    """Write an amount in few characters: Rp 812 jt."""
    return "–" if amount is None else format_money_short(amount, context["shop"].currency, _language(context))


@register.simple_tag(takes_context=True)
def import_money(context: Any, amount: int | None, of: Any) -> str:
    """Write an amount in a file's own currency, which an empty shop has not adopted yet."""
    return "–" if amount is None else format_money_short(amount, of, _language(context))


@register.simple_tag(takes_context=True)
def number(context: Any, value: int | str | None) -> str:
    """Write a whole number with thousands marks."""
    return "–" if value is None or value == "" else format_number(int(value), _language(context))


@register.simple_tag(takes_context=True)
def capped(context: Any, value: int, limit: int = COUNT_LIMIT) -> str:
    """Write a count that stops at a limit: "10.000+" beyond."""
    stop = limit or COUNT_LIMIT
    return f"{format_number(min(value, stop), _language(context))}{'+' if value > stop else ''}"


@register.simple_tag
def share(value: float | None) -> str:
    """Write a share as whole percent; a dash where it is not known."""
    return "–" if value is None else whole_percent(value)


@register.simple_tag(takes_context=True)
def quantity(context: Any, milli: int | None) -> str:
    """Write a quantity kept in thousandths, with as many decimals as it has."""
    if milli is None:
        return "–"
    places = 0 if milli % 1000 == 0 else (1 if milli % 100 == 0 else 3)
    return format_decimal(milli / 1000, places, _language(context))


@register.simple_tag(takes_context=True)
def moment(context: Any, at: datetime | None, zone: Any = None) -> SafeString:
    """Write an instant in the shop's (or an outlet's) zone: 20 Nov 2026 14.05 WIB."""
    if at is None:
        return SafeString("–")
    zone = zone or context["shop"].zone
    local = at.astimezone(zone)
    clock_text = f"{local:%H.%M}" if _language(context) == "id" else f"{local:%H:%M}"
    text = f"{date_format(local.date(), 'j M Y')} {clock_text} {zone_label(zone)}"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), text)


@register.simple_tag
def day(value: date | None) -> str:
    """Write a date: 20 Nov 2026."""
    return "–" if value is None else date_format(value, "j M Y")


@register.simple_tag(takes_context=True)
def ago(context: Any, at: datetime | None) -> SafeString:
    """Write how long ago something was, with the exact time on hover."""
    if at is None:
        return SafeString(gettext("never"))
    exact = date_format(at.astimezone(context["shop"].zone), "j M Y H.i")
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, ago_text(at, clock.now()))


def ago_text(at: datetime, now: datetime) -> str:
    """Return how long ago in words: just now, 5 minutes ago, 3 days ago, 2 months ago."""
    passed = now - at
    if passed < timedelta(minutes=1):
        return gettext("just now")
    if passed < timedelta(hours=1):
        count = int(passed.total_seconds() // 60)
        return ngettext("{count} minute ago", "{count} minutes ago", count).format(count=count)
    if passed < timedelta(days=1):
        count = int(passed.total_seconds() // 3600)
        return ngettext("{count} hour ago", "{count} hours ago", count).format(count=count)
    if passed < timedelta(days=61):
        return ngettext("{count} day ago", "{count} days ago", passed.days).format(count=passed.days)
    if passed < timedelta(days=730):
        count = passed.days // 30
        return ngettext("{count} month ago", "{count} months ago", count).format(count=count)
    count = passed.days // 365
    return ngettext("{count} year ago", "{count} years ago", count).format(count=count)


@register.simple_tag
def duration_days(value: timedelta | None) -> str:
    """Write a span in days: every 12 days; a dash where there is none."""
    if value is None:
        return "–"
    days = max(1, round(value.total_seconds() / 86_400))
    return ngettext("{count} day", "{count} days", days).format(count=days)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon from the sprite; without a label it is decoration and hidden from screen readers."""
    href = f"{static('setia/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


@register.simple_tag(takes_context=True)
def query(context: Any, **changes: Any) -> str:
    """Return this page's query string with some values changed; an empty value takes one away."""
    values = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            values.pop(name, None)
        else:
            values[name] = str(value)
    encoded = values.urlencode()
    return f"?{encoded}" if encoded else "?"


@register.inclusion_tag("console/parts/field.html")
def field(bound: BoundField, is_quiet: bool = False) -> dict[str, Any]:
    """Draw a form field with its label, help and error tied together for screen readers.

    A quiet field does not say that it is optional, for rows of fields of which most stay empty.
    """
    described = [f"{bound.auto_id}-help"] if bound.help_text else []
    if bound.errors:
        described.append(f"{bound.auto_id}-error")
        bound.field.widget.attrs["aria-invalid"] = "true"
    if described:
        bound.field.widget.attrs["aria-describedby"] = " ".join(described)
    kind = getattr(bound.field.widget, "input_type", "")
    return {"field": bound, "is_checkbox": kind == "checkbox", "is_quiet": is_quiet}


@register.simple_tag
def once() -> SafeString:
    """Return the hidden field by which a form that is sent twice is told from two forms."""
    return format_html('<input type="hidden" name="once" value="{}">', secrets.token_urlsafe(16))


register.simple_tag(toasts.way_back)

_TINTS = 6


@register.simple_tag
def tint(seed: int) -> str:
    """Return one of six avatar colors for a person, always the same."""
    return f"tint-{int(seed) % _TINTS}"


@register.filter
def initials(name: str) -> str:
    """Return the first letters of the first two words of a name."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Return a value of a mapping by a key that is itself a variable."""
    return mapping.get(key) if mapping else None


@register.filter
def task_title(task: Any) -> str:
    """Return what a task is called in the reader's language."""
    return score_words.task_title(task.title)


@register.filter
def task_steps(task: Any) -> Any:
    """Return the playbook of a task that Setia made."""
    return score_words.task_steps(task.title)


@register.filter
def risk_reasons(score: Any) -> str:
    """Return in words why somebody is said to be near to leaving: by the learned model where it speaks."""
    if score.chance_lost is not None:
        return score_words.chance_reasons(score.chance_why)
    return score_words.risk_reasons(score.risk_why)


@register.filter
def activity_name(score: Any) -> Any:
    """Return whether somebody is new, active, at risk or lost, in words."""
    return score_words.ACTIVITIES[score.activity].name


@register.filter
def health_zone(score: Any) -> Any:
    """Return the zone of somebody's health in words."""
    return score_words.ZONES[score.zone_name].name


@register.filter
def zone_steps(score: Any) -> Any:
    """Return what to do about somebody in this zone of health."""
    return score_words.ZONES[score.zone_name].steps


@register.filter
def segment_label(score: Any) -> Any:
    """Return somebody's RFM segment in words."""
    return measure_words.SEGMENTS[score.segment].name
