"""Settings of the tests: a home of their own that is gone afterwards, and nothing slow."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_home = Path(tempfile.mkdtemp(prefix="setia-tests-"))
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["SETIA_HOME"] = str(_home)
(_home / "static").mkdir()
for name in ("SETIA_URL", "SETIA_DEMO", "SETIA_KEYRING", "SETIA_TRUSTED_PROXIES", "REDIS_URL", "SETIA_SECRET_KEY"):
    os.environ.pop(name, None)
# The living design page is judged like any other.
os.environ["SETIA_DEBUG"] = "1"

from setia.config.settings import *  # noqa: E402, F403
from setia.config.settings import DATABASES  # noqa: E402

DEBUG = False
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
API_LOG_SECONDS = 0  # at once, in the test's own transaction
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if DATABASES["default"]["ENGINE"] == "setia.foundation.db.sqlite":
    # A real file: locks, processes and WAL are part of what is tested.
    DATABASES["default"]["TEST"] = {"NAME": str(_home / "test.sqlite3")}
