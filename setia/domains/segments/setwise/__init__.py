"""Judging everybody at once: the lake answers for trade, the shop's tables for what is personal, arrays combine them.

It says what `rules.judging` says of each, written a second time in another way; a test compares the two. Nothing of
this is loaded by pages: engine and arrays are memory that only the worker needs.
"""
