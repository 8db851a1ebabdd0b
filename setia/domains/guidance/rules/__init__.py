"""Decisions of guidance: how far a goal is, which check-in is due, what figures say. Pure."""
