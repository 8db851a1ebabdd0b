"""Decisions of analytics: formulas, bands, segments. Pure."""
