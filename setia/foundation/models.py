"""Tables of the foundation: facts and their delivery, background jobs, the schedule, throttles, work done once."""

from setia.foundation.events.models import AccessLog, AuditCheck, AuditSeal, Delivery, Event, VoidedBatch
from setia.foundation.jobs.models import Job, ScheduledRun
from setia.foundation.once.models import DoneOnce
from setia.foundation.throttle.models import Bucket

__all__ = [
    "AccessLog",
    "AuditCheck",
    "AuditSeal",
    "Bucket",
    "Delivery",
    "DoneOnce",
    "Event",
    "Job",
    "ScheduledRun",
    "VoidedBatch",
]
