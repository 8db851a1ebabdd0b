"""Setia: a self-hosted customer loyalty and retention platform.

Importing the package puts one safe SQLite build in place before anything else can load another.
"""

from setia import sqlite_driver

__version__ = "0.1.0"

sqlite_driver.install()
