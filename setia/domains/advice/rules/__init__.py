"""Decisions of advice: windows of the next purchase, worth and cost of an action, what was learned. Pure."""
