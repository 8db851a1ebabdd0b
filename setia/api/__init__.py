"""The public API. It translates what programs say into verbs of the domains; it decides nothing."""
