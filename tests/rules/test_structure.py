"""What the structure promises: keys point down, migrations are complete, documents name what there is."""

import re
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from setia.domains.staff.rules import CAPABILITIES, Capability, Role
from setia.foundation.events.facts import Fact

ROOT = Path(__file__).resolve().parents[2]
# Lowest first; a foreign key may point to its own floor or below.
FLOORS = (
    *(
        "foundation",
        "shop",
        "staff",
        "mail",
        "apikeys",
        "customers",
        "commerce",
        "timeline",
        "teamwork",
        "analytics",
        "guidance",
        "reports",
        "lists",
    ),
    *("imports", "exports"),
)


def _our_models():
    return [model for label in FLOORS for model in apps.get_app_config(label).get_models()]


def test_foreign_keys_only_point_down():
    upward = [
        f"{model.__name__}.{field.name}"
        for model in _our_models()
        for field in model._meta.get_fields()
        if field.concrete
        and field.is_relation
        and FLOORS.index(field.related_model._meta.app_label) > FLOORS.index(model._meta.app_label)
    ]
    assert upward == []


def test_customer_owned_tables_carry_the_customer():
    lacking = {
        model.__name__
        for model in _our_models()
        if model._meta.app_label in ("commerce", "timeline")
        and "customer_id" not in {field.attname for field in model._meta.concrete_fields}
    }
    assert lacking == {"Product", "DayCounters", "PriceChange", "CategoryChange", "ReturnPolicy"}


@pytest.mark.django_db
def test_migrations_say_what_the_models_say():
    out = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=out)
    assert "No changes" in out.getvalue()


def test_migrations_have_names_of_their_own():
    names = [path.stem for path in (ROOT / "setia").rglob("migrations/0*.py")]
    assert not [name for name in names if re.search(r"_(auto|initial)", name)]


def test_every_setting_stands_in_the_operations_guide():
    code = "".join(path.read_text() for path in (ROOT / "setia").rglob("*.py"))
    named = set(re.findall(r"[\"'](SETIA_[A-Z_]+|DATABASE_URL|REDIS_URL)[\"']", code))
    guide = (ROOT / "docs" / "operations.md").read_text()
    assert {name for name in named if f"`{name}`" not in guide} == set()


def test_every_command_stands_in_a_document():
    from setia.cli import LazyGroup

    text = "".join((ROOT / name).read_text() for name in ("README.md", "docs/operations.md", "CHANGELOG.md"))
    assert {name for name in LazyGroup.MODULES if f"setia {name}" not in text} == set()


def test_facts_have_kinds_of_their_domain_and_no_texts_of_people():
    kinds = {}
    for fact in Fact.__subclasses__():
        # `slots=True` makes a second class of each; the first is nobody's.
        if getattr(sys.modules.get(fact.__module__), fact.__name__, None) is not fact:
            continue
        if not fact.__module__.startswith("setia.domains."):
            continue
        domain = fact.__module__.split(".")[2]
        assert fact.kind.startswith(f"{domain}."), fact
        assert not {"name", "phone", "email", "body", "address"} & set(fact.__slots__), fact
        kinds.setdefault(fact.kind, []).append(fact)
    assert all(len(facts) == 1 for facts in kinds.values())


def test_every_role_has_its_capabilities_and_only_owners_manage_staff():
    assert set(CAPABILITIES) == set(Role)
    assert [role for role in Role if Capability.MANAGE_STAFF in CAPABILITIES[role]] == [Role.OWNER]


def test_decisions_are_listed_by_number_without_gaps():
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
