"""Files from outside: read, checked, written as customers, products, orders and returns, and undone.

It knows the domains below; it must not know how a screen or a terminal shows its progress.
"""
