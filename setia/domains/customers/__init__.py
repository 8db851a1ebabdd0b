"""Who the customers are and how they are recognized: persons and their identities.

It must not know orders, points or messages.
"""
