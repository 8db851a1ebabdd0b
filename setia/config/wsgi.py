"""The WSGI entry that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

import setia  # noqa: F401 (puts the safe SQLite in place)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setia.config.settings")

application = get_wsgi_application()
