"""What is learned from decisions: how often a kind of advice is taken up, and what followed. Pure.

Beta-binomial: a prior worth so many decisions is moved by each decision. "Taken up and bought within 30 days" is no
proof that the advice was the reason, for nobody was left alone by lot to compare with; so only purchases beyond those
that the model of buying expected anyway count, and the page says what that is and what it is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

PRIOR_WEIGHT = 50.0
# Eight of ten suggestions are taken up, as if ten had been seen: an optimist's assumption that gives way quickly.
_TAKEN, _LEFT = 8.0, 2.0
_Z = 1.959964

NOT_NOW, NOT_SUITABLE, ALREADY_DONE = "not_now", "not_suitable", "already_done"
# For how many days a dismissed suggestion stays away, and one that was taken up.
REASON_DAYS: Mapping[str, int] = {NOT_NOW: 14, NOT_SUITABLE: 180, ALREADY_DONE: 30}
ACCEPTED_DAYS = 30


@dataclass(frozen=True, slots=True)
class KindLearned:
    """One kind of advice: decisions so far, what followed those taken up 30 days ago or longer, and what is believed.

    `judged` of them are old enough, `bought` bought within 30 days, `anyway` is how many the model expected to.
    """

    prior: float
    accepted: int = 0
    dismissed: int = 0
    judged: int = 0
    bought: int = 0
    anyway: float = 0.0

    @classmethod
    def of(cls, prior: float) -> "KindLearned":
        """Return a kind of which nothing is learned yet."""
        return cls(prior)

    @property
    def uplift(self) -> float:
        """Return the mean of Beta(prior + purchases beyond those expected, …), at least a tenth of the prior."""
        more = min(max(self.bought - self.anyway, 0.0), float(self.judged))
        return max((PRIOR_WEIGHT * self.prior + more) / (PRIOR_WEIGHT + self.judged), self.prior / 10)

    @property
    def uplift_range(self) -> tuple[float, float]:
        """Return the 95 % interval of the uplift, as the normal near to its Beta distribution has it."""
        weight = PRIOR_WEIGHT + self.judged
        width = _Z * sqrt(self.uplift * (1 - self.uplift) / (weight + 1))
        return max(self.uplift - width, 0.0), min(self.uplift + width, 1.0)

    @property
    def taken_up(self) -> float:
        """Return the mean of Beta(8 + accepted, 2 + dismissed)."""
        return (_TAKEN + self.accepted) / (_TAKEN + _LEFT + self.accepted + self.dismissed)
