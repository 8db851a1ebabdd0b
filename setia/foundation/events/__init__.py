"""Facts: one append-only table that is a person's timeline, the audit trail and the outbox."""

from setia.foundation.events.facts import Fact
from setia.foundation.events.recording import record, record_many, void_batch
from setia.foundation.events.subscribing import subscribe

__all__ = ["Fact", "record", "record_many", "subscribe", "void_batch"]
