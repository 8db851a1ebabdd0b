"""Reports and alerts: what the figures said in a week or a month, frozen, and what needs a look today.

It owns which reports were made, which alerts were raised, and who wants them by e-mail. It knows no page, no PDF and no
mail server, and holds nobody's name.
"""
