"""Every periodic job of Setia, one line each."""

from datetime import timedelta

from setia.foundation.jobs.schedule import Periodic

SCHEDULE = (
    Periodic(
        "purge_jobs", "setia.foundation.jobs.tasks.purge_jobs", every=timedelta(days=1), offset=timedelta(hours=19)
    ),
    Periodic(
        "purge_sessions",
        "setia.domains.staff.tasks.purge_sessions",
        every=timedelta(days=1),
        offset=timedelta(hours=19),
    ),
    Periodic("seal_audit", "setia.foundation.jobs.tasks.seal_audit", every=timedelta(minutes=5)),
    Periodic(
        "verify_audit", "setia.foundation.jobs.tasks.verify_audit", every=timedelta(days=1), offset=timedelta(hours=20)
    ),
    Periodic("purge_import_files", "setia.domains.imports.tasks.purge_files", every=timedelta(hours=6)),
)
