"""E-mail to the people who work in the shop: an outbox of letters. It owns their words and what became of each.

It knows no reason for a letter, no SMTP and no customer: messages to customers are another matter, with consent.
"""
