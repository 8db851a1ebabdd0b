"""Guidance: goals of a quarter tied to measures, and what the shop's own figures say it does well or wrong.

It knows measures and findings of analytics; who is shown what is decided by the doors.
"""
