"""Facts about the shop."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopChanged(Fact):
    """The profile was changed; names the changed fields."""

    kind: ClassVar[str] = "shop.changed"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletSaved(Fact):
    """An outlet was opened or changed."""

    kind: ClassVar[str] = "shop.outlet_saved"
    subject: ClassVar[str] = "outlet_id"
    outlet_id: int
    created: bool
