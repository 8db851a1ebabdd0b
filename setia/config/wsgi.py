"""The WSGI entry that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

import setia  # noqa: F401 (puts the safe SQLite in place)
from setia.foundation.lifeline import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setia.config.settings")

end_with_parent()
application = get_wsgi_application()
