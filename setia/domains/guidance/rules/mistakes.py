"""The seven fatal mistakes and the three foundations, judged from a shop's own counts. Pure.

Each judgment names the figures it read; where there are fewer than thirty of a kind, or nothing at all, it says so
instead of judging. What no part of Setia records yet (surveys, complaints, a loyalty programme) is not guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from setia.domains.analytics.rules.formulas import FEWEST, share

GOOD, FAULT, UNKNOWN = "good", "fault", "unknown"
# At most so much of spend, or of contacts, may go to new customers; so much of a kind must be in time or known.
MOST_ON_NEW = 0.70
IN_TIME = 0.90
KNOWN = 0.50
FOLLOWED_UP = 0.20
CARED_FOR = 0.50
REASON_TOLD = 0.70
HEALTHY_RETURNS = 0.05
# Shown for comparison, and no ground for a verdict.
_BESIDE = ("orders_new", "vip_others")


@dataclass(frozen=True, slots=True)
class Figure:
    """One count a judgment read: `part` of `whole`, under a name the screen has words for."""

    name: str
    part: float
    whole: float

    @property
    def share(self) -> float | None:
        return share(self.part, self.whole)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the figures say of one mistake or foundation; `lacks` names what is missing where it is not known."""

    name: str
    verdict: str
    figures: tuple[Figure, ...] = ()
    lacks: str = ""


def _judged(name: str, figures: list[Figure], *, bad: Any, lacks: str, fewest: float = FEWEST) -> Verdict:
    """Return good or fault by the figures that are big enough, unknown where none is; `bad` tells by name and share."""
    judged = [figure for figure in figures if figure.name not in _BESIDE]
    enough = [figure for figure in judged if figure.whole >= fewest and figure.share is not None]
    if not enough:
        return Verdict(name, UNKNOWN, tuple(figures), lacks)
    is_fault = any(bad(figure) for figure in enough)
    return Verdict(name, FAULT if is_fault else GOOD, tuple(figures))


def mistakes(found: Mapping[str, Any]) -> list[Verdict]:
    """Return the seven verdicts from the finding `evidence`."""
    spend, contacts, service = found["spend"], found["contacts"], found["service"]
    profile, follow, vip, returns = found["profile"], found["follow_up"], found["vip"], found["returns"]
    money = Figure("spend_new", spend.get("win", 0), spend.get("win", 0) + spend.get("keep", 0))
    talks = Figure("contacts_new", contacts["new"], contacts["new"] + contacts["old"])
    return [
        _judged(
            "only_new",
            [money, talks, Figure("orders_new", found["first_orders"], found["orders"])],
            bad=lambda figure: figure.share > MOST_ON_NEW,
            lacks="spend",
        ),
        _judged(
            "slow",
            [
                Figure("parcels", service["parcels_in_time"], service["parcels"]),
                Figure("tasks", service["tasks_in_time"], service["tasks"]),
            ],
            bad=lambda figure: figure.share < IN_TIME,
            lacks="dates",
        ),
        _judged(
            "impersonal",
            [Figure("known", profile["known"], profile["people"])],
            bad=lambda figure: figure.share < KNOWN,
            lacks="people",
        ),
        _judged(
            "no_follow_up",
            [Figure("followed", follow["touched"], follow["buyers"])],
            bad=lambda figure: figure.share < FOLLOWED_UP,
            lacks="buyers",
        ),
        Verdict("no_programme", UNKNOWN, (), "programme"),
        _judged(
            "deaf",
            [Figure("reasons", returns["told"], returns["count"])],
            bad=lambda figure: figure.share < REASON_TOLD,
            lacks="feedback",
        ),
        _judged(
            "no_vip",
            [Figure("vip", vip["cared"], vip["people"]), Figure("vip_others", vip["others_cared"], vip["others"])],
            bad=lambda figure: figure.share < CARED_FOR,
            lacks="people",
        ),
    ]


def foundations(found: Mapping[str, Any], *, return_rate: float | None, orders: float) -> list[Verdict]:
    """Return the readiness of quality (what comes back), experience, and trust (rules shown, promises kept)."""
    service = found["service"]
    if return_rate is None or orders < FEWEST:
        quality = Verdict("quality", UNKNOWN, (), "orders")
    else:
        figure = Figure("return_rate", return_rate, 1.0)
        quality = Verdict("quality", GOOD if return_rate < HEALTHY_RETURNS else FAULT, (figure,))
    promises = [
        Figure("parcels", service["parcels_in_time"], service["parcels"]),
        Figure("cases", service["cases_in_time"], service["cases"]),
    ]
    trust = _judged("trust", promises, bad=lambda figure: figure.share < IN_TIME, lacks="dates")
    if not found["policy"]:
        trust = Verdict("trust", FAULT, tuple(promises), "policy")
    return [quality, Verdict("experience", UNKNOWN, (), "surveys"), trust]
