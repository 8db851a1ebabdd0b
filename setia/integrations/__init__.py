"""Doors to the services of others. An integration speaks to the network; it translates and never decides."""
