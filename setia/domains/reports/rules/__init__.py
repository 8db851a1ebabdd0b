"""Decisions of reports: periods, and when a figure has left its own normal. Pure."""
