"""Sends letters through the shop's mail server."""
