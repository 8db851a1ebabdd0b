"""Scores of persons: what is known of each as of a day, and the scores reckoned from it."""
