"""The lowest floor: clock, money, ids, phones, secrets, events, jobs, outgoing HTTP.

It knows no customer and no shop; every domain stands on it.
"""
