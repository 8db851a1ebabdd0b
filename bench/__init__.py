"""Benchmarks: one command each, one JSON object as the last line. `python -m bench NAME --scale small|full`."""
