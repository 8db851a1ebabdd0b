"""What happened to a customer, in order, and notes people write about him.

It reads facts of every domain below; it must not know how a screen shows them.
"""
