"""Tasks, their hand-overs, and who was mentioned: how the team works on a customer together.

It knows customers and contacts with them; it must not know screens or how a person is told.
"""
