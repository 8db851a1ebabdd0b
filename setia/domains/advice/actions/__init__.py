"""Verbs of advice: make it all anew, take a suggestion up or dismiss it, decide what it reckons with."""

from setia.domains.advice.actions.choosing import save_choices
from setia.domains.advice.actions.deciding import UnableToDecide, accept, dismiss, take_back
from setia.domains.advice.actions.rounds import AdviceBusy, advise

__all__ = ["AdviceBusy", "UnableToDecide", "accept", "advise", "dismiss", "save_choices", "take_back"]
