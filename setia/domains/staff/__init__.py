"""The people who work with Setia: accounts, roles, what each role may do.

It must not know customers or orders.
"""
