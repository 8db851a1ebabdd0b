"""Segments: people who fit a rule, or whom somebody put on a list; kept true by every fact and every midnight.

Knows customers, commerce and analytics below it; nothing of messages, screens or files.
"""
