"""The shop itself: its name, currency, zone, business day and outlets.

It must not know staff, customers or orders.
"""
