"""Write the description of the API to docs/api/openapi.json: `python tools/openapi.py`; a test compares them."""

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "api" / "openapi.json"


def main() -> None:
    """Write the file."""
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"  # a home of its own, gone afterwards
    import django

    import setia  # noqa: F401 (puts the safe SQLite in place)

    django.setup()
    from setia.api.description import openapi

    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(openapi(), indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(TARGET.relative_to(ROOT))


main()
