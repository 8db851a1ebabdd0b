"""Programs that speak to the shop: their keys, what each may do, what they asked before and what they asked lately.

It must not know customers or orders; what a call does is the business of the API and of the domains above.
"""
