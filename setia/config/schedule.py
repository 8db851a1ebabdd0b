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
    Periodic(
        "forget_old_acts",
        "setia.domains.lists.tasks.forget_old_acts",
        every=timedelta(days=1),
        offset=timedelta(hours=20),
    ),
    Periodic(
        "purge_api_calls",
        "setia.domains.apikeys.tasks.purge_calls",
        every=timedelta(days=1),
        offset=timedelta(hours=19, minutes=20),
    ),
    Periodic("seal_audit", "setia.foundation.jobs.tasks.seal_audit", every=timedelta(minutes=5)),
    Periodic(
        "verify_audit", "setia.foundation.jobs.tasks.verify_audit", every=timedelta(days=1), offset=timedelta(hours=20)
    ),
    Periodic("purge_import_files", "setia.domains.imports.tasks.purge_files", every=timedelta(hours=6)),
    Periodic("abandon_carts", "setia.domains.commerce.tasks.abandon_carts", every=timedelta(minutes=5)),
    Periodic("watch_folders", "setia.domains.imports.tasks.watch_folders", every=timedelta(minutes=1)),
    Periodic("expire_exports", "setia.domains.exports.tasks.expire", every=timedelta(hours=1)),
    Periodic("report", "setia.console.report_tasks.report", every=timedelta(minutes=15)),
    Periodic("send_letters", "setia.integrations.mail.tasks.send_letters", every=timedelta(minutes=1)),
    Periodic(
        "forget_letters", "setia.domains.mail.tasks.forget_old", every=timedelta(days=1), offset=timedelta(hours=19)
    ),
    Periodic(
        "note_goals",
        "setia.domains.guidance.tasks.note_and_remind",
        every=timedelta(days=1),
        offset=timedelta(hours=23),
    ),
    Periodic("analyze", "setia.domains.analytics.tasks.analyze", every=timedelta(hours=1)),
    Periodic(
        "analyze_whole",
        "setia.domains.analytics.tasks.analyze_whole",
        every=timedelta(days=1),
        offset=timedelta(hours=19, minutes=40),
    ),
    # Instants are whole hours of the shop, so a look a minute, on the minute, is on time.
    Periodic("recheck_segments", "setia.domains.segments.tasks.recheck_due", every=timedelta(minutes=1)),
    Periodic(
        "fill_segments",
        "setia.domains.segments.tasks.fill_all",
        every=timedelta(days=1),
        offset=timedelta(hours=20, minutes=30),
    ),
    Periodic("forget_previews", "setia.domains.segments.tasks.forget_previews", every=timedelta(days=1)),
    Periodic(
        "find_duplicates",
        "setia.domains.customers.tasks.find_duplicates",
        every=timedelta(days=1),
        offset=timedelta(hours=20),
    ),
    Periodic(
        "purge_custom_values",
        "setia.domains.customers.tasks.purge_custom_values",
        every=timedelta(days=1),
        offset=timedelta(hours=19),
    ),
)
