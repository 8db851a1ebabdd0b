"""The kinds of import, by name."""

from typing import Any

from setia.domains.imports.kinds.consents import Consents
from setia.domains.imports.kinds.customers import Customers
from setia.domains.imports.kinds.interactions import Interactions
from setia.domains.imports.kinds.orders import Orders
from setia.domains.imports.kinds.products import Products
from setia.domains.imports.kinds.protocol import Kind
from setia.domains.imports.kinds.sales import SalesLines

_ALL: tuple[Any, ...] = (SalesLines(), Customers(), Products(), Orders(), Interactions(), Consents())
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}


def kind_of(name: str) -> Kind:
    """Return a kind of import; raises KeyError for a name that is none."""
    return KINDS[name]
