"""Settings, addresses, the WSGI entry and the schedule."""
