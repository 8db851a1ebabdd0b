"""Who will not buy in the days to come: a model learned from the shop's own past, and what it is worth.

Churn is P(no purchase in the next h days), never 1 - P(alive). What answers stands in `churn.learning` and is loaded
only while something is measured.
"""
