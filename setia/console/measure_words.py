"""The words of the measures: what each is called, how it is reckoned, what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from setia.console.charts.formats import percent, thousands
from setia.foundation.money import Currency, format_money, format_money_short


@dataclass(frozen=True, slots=True)
class Words:
    """The name of a measure, its formula in a sentence, and what it is good for."""

    name: Any
    formula: Any
    meaning: Any


MEASURES: dict[str, Words] = {
    "retention": Words(
        _("Retention"),
        _("Of the customers active when the period began, the share still active when it ended: (E − N) / S."),
        _("Whom you keep costs a fifth of whom you win anew."),
    ),
    "retention_year": Words(
        _("Retention over a year"),
        _("Of the customers active a year before the period ended, the share still active when it ended."),
        _("This is the figure other shops and trades are compared by."),
    ),
    "churn_year": Words(
        _("Churn over a year"),
        _("Of the customers active a year before the period ended, the share no longer active when it ended: 1 − CRR."),
        _("Worldwide 10–25 % are usual; aim at less than 20 %."),
    ),
    "active_customers": Words(
        _("Active customers"),
        _("How many known customers had bought within the days that count as active when the period ended."),
        _("The people you can still count on; everything else follows from their number."),
    ),
    "lost_customers": Words(
        _("Lost customers"),
        _("How many known customers had been silent for as long as counts as lost when the period ended."),
        _("They know you already: winning one back is cheaper than finding a new one."),
    ),
    "one_time": Words(
        _("Bought only once"),
        _("Of those whose first purchase lies as long back as counts as lost, the share with no second one."),
        _("The valley of death: in many shops seven of ten never come again."),
    ),
    "orders_a_year": Words(
        _("Orders a year"),
        _("Orders of known customers in the year until the end of the period, divided by how many of them bought."),
        _("How often people need you; the rhythm of your greetings."),
    ),
    "loyal_revenue": Words(
        _("Revenue from returning customers"),
        _("Of the revenue of known customers, the share of those who had bought before the period began."),
        _("The rest comes from people who bought for the first time."),
    ),
    "top_tenth": Words(
        _("Share of the best tenth"),
        _("What the best-spending tenth of the buyers of the year until the end spent, as a share of what all spent."),
        _("Know these people by name."),
    ),
    "lifespan": Words(
        _("Years a customer stays"),
        _("1 divided by churn over a year. Not known while nobody leaves."),
        _("A small drop in churn lengthens it much."),
    ),
    "lifetime_value": Words(
        _("Lifetime value of a customer"),
        _("Value of an order × orders a year × years a customer stays, times the share of revenue you keep."),
        _("A run-rate: it ranks well and promises too much. For money look at what is expected of each customer."),
    ),
    "acquisition_cost": Words(
        _("Cost of winning a customer"),
        _("What was spent on those who first bought in the period, divided by how many of them have a known cost."),
        _("Keep it below a third of the lifetime value."),
    ),
    "value_to_cost": Words(
        _("Lifetime value to cost"),
        _("Lifetime value divided by the mean cost of winning those who first bought in the year until the end."),
        _("Aim at 3 or more."),
    ),
    "churn": Words(
        _("Churn"),
        _("Of the customers active when the period began, the share no longer active when it ended."),
        _("When it rises, ask those who have just gone silent why."),
    ),
    "repeat_rate": Words(
        _("Repeat rate"),
        _("Of all who bought in the year until the end of the period, the share that bought on two days or more."),
        _("The first sign that people like it here."),
    ),
    "second_purchase": Words(
        _("Second purchase within 90 days"),
        _("Of those who first bought in the period, the share that bought again within 90 days. Known 90 days later."),
        _("Most who buy once never return: this is where a good word helps most."),
    ),
    "days_to_second": Words(
        _("Days until the second purchase"),
        _("The median number of days from first to second purchase, of those whose second one fell into the period."),
        _("Greet new customers a little before this day."),
    ),
    "gap": Words(
        _("Days between purchases"),
        _("The mean number of days since the purchase before, over all purchases of the period but first ones."),
        _("When it grows, people come less often before they stop coming."),
    ),
    "win_back": Words(
        _("Won back"),
        _("Of the customers who were lost when the period began, the share that bought in it."),
        _("A third of the lost return when what drove them away is put right."),
    ),
    "buyers": Words(
        _("Buyers"), _("How many known customers bought in the period."), _("Everything else grows from here.")
    ),
    "new_customers": Words(
        _("First-time buyers"),
        _("How many known customers bought in the period for the first time."),
        _("Compare with churn: who comes must outnumber who goes."),
    ),
    "revenue": Words(
        _("Revenue"),
        _("What all orders of the period were worth, less what came back of them; cancelled orders do not count."),
        _("Also of people you do not know yet."),
    ),
    "order_value": Words(
        _("Value of an order"), _("Revenue divided by the number of orders."), _("A set meal or a second cup lifts it.")
    ),
    "frequency": Words(
        _("Orders per buyer"),
        _("Orders of known customers in the period, divided by how many of them bought."),
        _("A stamp card lifts it."),
    ),
    "revenue_per_customer": Words(
        _("Revenue per buyer"),
        _("Revenue of known customers in the period, divided by how many of them bought."),
        _("Value of an order times orders per buyer."),
    ),
    "return_rate": Words(
        _("Goods that came back"),
        _("What came back in the period, divided by what was sold in it. Healthy below 5 %, a red flag above 15 %."),
        _("Look at the reasons people gave."),
    ),
    "top_fifth": Words(
        _("Share of the best fifth (VIP)"),
        _("What the best-spending fifth of the buyers of the year until the end spent, as a share of what all spent."),
        _("The nearer to 80 %, the more a few people carry the shop."),
    ),
}

GROUPS: dict[str, Words] = {
    "people": Words(_("Customers"), "", ""),
    "frequency": Words(
        _("Purchases in 30 days"), _("after each one's first purchase"), _("How often they come once they know you.")
    ),
    "order_value": Words(_("Value of an order"), _("revenue / orders"), ""),
    "repeat": Words(_("Bought on two days or more"), _("within these days"), ""),
    "gap": Words(_("Days between purchases"), _("mean over all purchases but first ones"), ""),
    "returned_goods": Words(_("Goods that came back"), _("of what was sold"), ""),
    "so_far": Words(_("Brought so far"), _("mean of what each has spent, less what came back"), ""),
    "expected": Words(_("Expected in a year"), _("by the models of buying and spending"), ""),
    "revenue_share": Words(_("Share of revenue"), _("of everything sold in these days"), ""),
    "second": Words(_("Bought again within 90 days"), _("of those who have had 90 days"), ""),
    "active": Words(_("Still active"), _("by what counts as active"), ""),
}

WHY = {
    "nobody": _("nobody to count"),
    "early": _("too early to know"),
    "no_data": _("no sales yet"),
    "no_loss": _("nobody has left yet"),
    "no_cost": _("nobody's cost is known"),
}

BANDS = {
    "poor": _("poor"),
    "average": _("average"),
    "good": _("good"),
    "great": _("excellent"),
    "top": _("outstanding"),
    "low": _("low"),
    "usual": _("usual"),
    "healthy": _("healthy"),
    "watch": _("keep an eye on it"),
    "red_flag": _("red flag"),
    "below_average": _("below average"),
    "above_average": _("above average"),
    "danger": _("danger"),
    "below_usual": _("less than usual"),
    "much": _("much"),
    "target": _("on target"),
    "above": _("above target"),
    "below_target": _("below target"),
    "loss": _("costs more than it brings"),
    "level_1": _("level 1"),
    "level_2": _("level 2"),
    "level_3": _("level 3"),
    "level_best": _("best level"),
}

INDUSTRIES = {
    "general": _("Any trade"),
    "food": _("Food and drink"),
    "retail": _("Retail"),
    "ecommerce": _("Online shop"),
    "fashion": _("Fashion"),
    "cosmetics": _("Cosmetics"),
    "electronics": _("Electronics"),
    "subscription": _("Subscription box"),
    "saas": _("Software by subscription"),
    "banking": _("Banking"),
    "insurance": _("Insurance"),
    "finance": _("Financial services"),
    "telecom": _("Telecommunications"),
    "media": _("Media"),
    "healthcare": _("Healthcare"),
}

BAND_SETS = {
    "overall": _("All trades: below 60, 60–75, 75–85, above 85 %"),
    "ninety": _("All trades, stricter: below 70, 70–80, 80–90, above 90 %"),
    "ministers": _("Levels: 1 below 60, 2 60–70, 3 80–85, best 90–95 %"),
    "averages": _("The average of your trade"),
    "yearly": _("Your trade over a year: good, very good, outstanding"),
    "ranges": _("Your trade: danger, healthy"),
}

BAND_PERIODS = {
    "year": _("over a year"),
    "month": _("over a month"),
    "none": _("the source names no period"),
}

# The people behind a number.
PEOPLE = {
    "active_at_start": _("Active at the beginning"),
    "active_at_end": _("Active at the end"),
    "stayed": _("Stayed"),
    "left": _("Went silent"),
    "year_active": _("Active a year before"),
    "year_stayed": _("Stayed over the year"),
    "year_left": _("Went silent in the year"),
    "lost_at_start": _("Lost at the beginning"),
    "lost_at_end": _("Lost at the end"),
    "won_back": _("Won back"),
    "buyers": _("Buyers"),
    "returning": _("Had bought before"),
    "with_gap": _("Came again"),
    "year_buyers": _("Buyers of the year"),
    "year_repeaters": _("Bought on two days or more"),
    "new": _("First-time buyers"),
    "new_quick": _("Bought again within 90 days"),
    "ripe": _("First bought long enough ago"),
    "once": _("Bought only once"),
    "waited": _("Bought for the second time"),
    "costed": _("With a known cost"),
    "year_costed": _("Won in the year, with a known cost"),
    "best_fifth": _("The best fifth"),
    "best_tenth": _("The best tenth"),
}


@dataclass(frozen=True, slots=True)
class PhaseWords:
    """The name of a phase of the relationship, when that is, and what it means when too many leave in it."""

    name: Any
    who: Any
    meaning: Any


PHASES: dict[str, PhaseWords] = {
    "honeymoon": PhaseWords(
        _("Honeymoon"), _("first 3 months"), _("Greet them after the first purchase and give a reason for the second.")
    ),
    "reality_check": PhaseWords(
        _("Reality check"), _("months 4–6"), _("Ask whether what they bought keeps what it promised.")
    ),
    "stabilization": PhaseWords(
        _("Stabilization"), _("months 7–12"), _("Make coming a habit: points, a fixed day, a reminder.")
    ),
    "loyalty": PhaseWords(_("Loyalty"), _("second year"), _("Offer more of what they like; thank them in person.")),
    "ambassador": PhaseWords(
        _("Ambassador"), _("third year"), _("Find out what changed: these people tell others about you.")
    ),
}


@dataclass(frozen=True, slots=True)
class SegmentWords:
    """The name of an RFM segment, who that is, and what to do with them."""

    name: Any
    who: Any
    action: Any


SEGMENTS: dict[str, SegmentWords] = {
    "champions": SegmentWords(
        _("Champions"),
        _("bought just now, often and for much"),
        _("Thank them in person, let them try new things first."),
    ),
    "loyal": SegmentWords(
        _("Loyal"), _("buy regularly"), _("Give them something only they get; ask them to bring a friend.")
    ),
    "potential_loyalist": SegmentWords(
        _("On the way to loyal"),
        _("bought lately, twice or three times"),
        _("Offer membership and a reason for the next visit."),
    ),
    "new": SegmentWords(
        _("New"), _("bought for the first time within days"), _("Greet them and help with the second purchase.")
    ),
    "promising": SegmentWords(
        _("Promising"), _("bought once, within weeks"), _("A small reason to return, before they forget you.")
    ),
    "need_attention": SegmentWords(
        _("Need attention"),
        _("used to come often, and have paused"),
        _("Ask how they are; remind them of what they like."),
    ),
    "about_to_sleep": SegmentWords(
        _("About to sleep"), _("bought seldom, and not lately"), _("A reminder with what others like; no discount yet.")
    ),
    "at_risk": SegmentWords(
        _("At risk"), _("spent much, and stay away"), _("A personal message now; find out what went wrong.")
    ),
    "cant_lose": SegmentWords(
        _("Cannot lose"), _("were among the best, and stay away"), _("Call them yourself. Today rather than tomorrow.")
    ),
    "hibernating": SegmentWords(
        _("Hibernating"), _("bought little, long ago"), _("Once in a while something new; spend little on it.")
    ),
    "lost": SegmentWords(_("Lost"), _("bought once, little, long ago"), _("A yearly greeting at most, or let go.")),
}


def writer(unit: str, currency: Currency, language: str, *, short: bool = False) -> Callable[[float], str]:
    """Return what writes values of a unit in full, or short for an axis."""
    if unit == "share":
        return percent
    if unit == "money":
        write = format_money_short if short else format_money
        return lambda amount: write(round(amount), currency, language)
    if unit == "times":
        return lambda times: f"{thousands(round(times, 1))}×"
    if unit == "years":
        return lambda years: (
            ngettext("%(years)s year", "%(years)s years", round(years)) % {"years": thousands(round(years, 1))}
        )
    if unit == "days":
        return lambda days: ngettext("%(days)s day", "%(days)s days", round(days)) % {"days": thousands(round(days, 1))}
    return lambda value: thousands(round(value, 2))


def cohort_readings(rates: dict[int, float], *, people: int) -> list[str]:
    """Return what the mean retention of mature cohorts by month says, in sentences; `rates` by month number."""
    if people < 30 or 1 not in rates:
        return [_now("Not enough data yet: a few more months, and this table begins to speak.")]
    said = []
    if rates[1] < 0.35:
        said.append(
            _now("Most are gone after one month: the first visit or the greeting after it does not bring them back.")
        )
    if 3 in rates and rates[1] > 0 and rates[3] < 0.6 * rates[1]:
        said.append(_now("Many leave by the third month: look at what you sell them rather than how you greet them."))
    if 6 in rates and 3 in rates and rates[3] > 0 and rates[6] >= 0.85 * rates[3]:
        said.append(_now("Who is here after three months stays: now is the time to offer them more."))
    return said or [_now("No cliff stands out; watch whether younger cohorts do better than older ones.")]
