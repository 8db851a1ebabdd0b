"""Advice: what to recommend to whom, and what to do next about each customer.

It knows scores, orders and tasks, and must not know segments, screens or how a message is sent.
"""
