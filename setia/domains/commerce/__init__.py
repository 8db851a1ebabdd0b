"""What is sold: products, orders with their lines, returns, and each customer's counters.

It must not know points, messages or segments.
"""
