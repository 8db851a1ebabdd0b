"""Kopi Senja, the made-up shop: a deterministic generator and its way into the database."""
