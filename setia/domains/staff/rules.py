"""What each role may do. Pure tables; the doors ask them through `queries.may`."""

from enum import StrEnum


class Role(StrEnum):
    """Duties in a shop, widest first."""

    OWNER = "owner"
    MANAGER = "manager"
    MARKETER = "marketer"
    AGENT = "agent"
    CASHIER = "cashier"
    ANALYST = "analyst"


class Capability(StrEnum):
    """Things a person may do or see."""

    VIEW_HOME = "view_home"
    VIEW_CUSTOMERS = "view_customers"
    VIEW_PERSONAL_DATA = "view_personal_data"
    EDIT_CUSTOMERS = "edit_customers"
    VIEW_ORDERS = "view_orders"
    RECORD_ORDERS = "record_orders"
    IMPORT = "import"
    EXPORT = "export"
    MANAGE_SHOP = "manage_shop"
    MANAGE_STAFF = "manage_staff"
    VIEW_SYSTEM = "view_system"
    RECORD_CONSENT = "record_consent"
    MERGE_CUSTOMERS = "merge_customers"
    BULK_EDIT = "bulk_edit"
    CHANGE_ORDERS = "change_orders"
    REFUND = "refund"
    MANAGE_CATALOGUE = "manage_catalogue"
    DO_TASKS = "do_tasks"
    ASSIGN_TASKS = "assign_tasks"
    VIEW_AUDIT = "view_audit"
    MANAGE_API = "manage_api"
    VIEW_MEASURES = "view_measures"
    EDIT_SEGMENTS = "edit_segments"


_C = Capability
_EVERYBODY = frozenset({_C.VIEW_HOME, _C.VIEW_CUSTOMERS, _C.VIEW_ORDERS, _C.DO_TASKS})

CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.OWNER: frozenset(Capability),
    Role.MANAGER: frozenset(Capability) - {_C.MANAGE_STAFF, _C.MANAGE_API},
    Role.MARKETER: _EVERYBODY
    | {_C.VIEW_PERSONAL_DATA, _C.EDIT_CUSTOMERS, _C.RECORD_CONSENT, _C.BULK_EDIT}
    | {_C.MANAGE_CATALOGUE, _C.ASSIGN_TASKS, _C.VIEW_MEASURES, _C.EDIT_SEGMENTS},
    Role.AGENT: _EVERYBODY
    | {_C.VIEW_PERSONAL_DATA, _C.EDIT_CUSTOMERS, _C.RECORD_CONSENT, _C.RECORD_ORDERS, _C.MERGE_CUSTOMERS}
    | {_C.CHANGE_ORDERS, _C.REFUND, _C.ASSIGN_TASKS},
    Role.CASHIER: _EVERYBODY | {_C.RECORD_ORDERS, _C.RECORD_CONSENT, _C.CHANGE_ORDERS},
    # An analyst works with figures; who the people are stays masked.
    Role.ANALYST: _EVERYBODY | {_C.VIEW_MEASURES},
}

# Roles that can do lasting harm must prove themselves with a second factor.
SECOND_FACTOR_ROLES = frozenset({Role.OWNER, Role.MANAGER})


def role_may(role: str, capability: Capability) -> bool:
    """Tell whether a role has a capability; an unknown role has none."""
    return role in set(Role) and capability in CAPABILITIES[Role(role)]
