"""When a shop is busy: Indonesia's calendar, what its days do to sales, and a forecast that is judged by its past.

What reckons stands in modules that load numpy; pages read `Finding`s and need none of them.
"""
