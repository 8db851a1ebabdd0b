"""The addresses of the API, noun by noun."""
