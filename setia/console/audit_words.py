"""What the audit calls facts that no customer's timeline tells, and the groups to look through them by."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from setia.console import happenings
from setia.domains.staff.models import Staff
from setia.foundation.events.models import Event

# The kinds of a group are those whose names begin so.
GROUPS = {
    "orders": (_("Orders and products"), ("commerce.",)),
    "customers": (_("Customers"), ("customers.",)),
    "contacts": (_("Notes and contacts"), ("timeline.",)),
    "tasks": (_("Tasks"), ("teamwork.",)),
    "files": (_("Imports and exports"), ("imports.", "exports.")),
    "bulk": (_("Changes to many at once"), ("lists.",)),
    "team": (_("Team and sign-ins"), ("staff.",)),
    "shop": (_("Shop and outlets"), ("shop.",)),
    "api": (_("Keys of other programs"), ("apikeys.",)),
    "guidance": (_("Goals and guide"), ("guidance.",)),
    "measures": (_("Customer index"), ("analytics.",)),
    "segments": (_("Segments"), ("segments.",)),
    "reports": (_("Reports and alerts"), ("reports.",)),
    "advice": (_("Advice"), ("advice.",)),
}
# Where personal data was looked at, by what the access log keeps.
_PAGES = {
    "api": _("API"),
    "access_file": _("File of who looked"),
    "audit_file": _("File of the audit"),
    "customer": _("A customer's page"),
    "customer_consents": _("Consent of a customer"),
    "customer_form": _("Changing a customer"),
    "customer_profile": _("Profile of a customer"),
    "customers": _("List of customers"),
    "customers_export": _("File of customers"),
    "duplicates": _("People who stand twice"),
    "home": _("Home"),
    "import_refused": _("Refused rows of an import"),
    "merge": _("Comparing two people"),
    "merge_choice": _("Choosing whom to merge with"),
    "neglected": _("Whom nobody talks to"),
    "questions": _("One number, two names"),
    "rfm_segment": _("People of an RFM segment"),
    "segment": _("People of a segment"),
    "search": _("Search"),
    "report": _("People at risk in a report"),
    "alerts": _("People named in alerts"),
}
_TITLES = {
    "apikeys.key_made": _("A key for another program was made"),
    "apikeys.key_revoked": _("A key of another program was revoked"),
    "commerce.product_added": _("A product was added"),
    "commerce.product_changed": _("A product was changed"),
    "commerce.product_details_changed": _("A product was changed"),
    "commerce.return_policy_changed": _("The rules for returns were changed"),
    "customers.consent_wording_published": _("A wording for consent was published"),
    "customers.custom_field_saved": _("A field of the profile was saved"),
    "customers.identity_blocked": _("A number or address was blocked"),
    "customers.identity_unblocked": _("A number or address was unblocked"),
    "customers.tag_renamed": _("A tag was renamed"),
    "exports.finished": _("An export was finished"),
    "exports.taken": _("An export was downloaded"),
    "imports.finished": _("An import was finished"),
    "imports.undone": _("An import was undone"),
    "imports.uploaded": _("A file was uploaded"),
    "lists.bulk_act_done": _("Many customers were changed at once"),
    "lists.bulk_act_undone": _("A change to many customers was undone"),
    "advice.choices_changed": _("What advice reckons with was changed"),
    "analytics.analysis_finished": _("The figures of the customer index were brought up to date"),
    "analytics.choices_changed": _("What counts in the customer index was changed"),
    "guidance.checked_in": _("A key result was checked in"),
    "guidance.initiative_changed": _("Something done for a goal was changed"),
    "guidance.key_result_changed": _("A key result was added or taken out"),
    "guidance.objective_closed": _("A goal was closed or opened again"),
    "guidance.objective_saved": _("A goal was set or changed"),
    "analytics.spend_changed": _("What was spent on customers was entered or changed"),
    "segments.filled": _("The people of a segment were found"),
    "segments.list_changed": _("A list by hand was changed"),
    "segments.saved": _("A segment was saved"),
    "segments.state_changed": _("A segment went live, was stopped or archived"),
    "shop.changed": _("The shop's settings were changed"),
    "shop.outlet_saved": _("An outlet was saved"),
    "reports.made": _("A report was written"),
    "reports.alert_raised": _("An alert was raised"),
    "reports.alert_closed": _("An alert was marked as seen"),
    "reports.alert_reopened": _("An alert was opened again"),
    "reports.wishes_changed": _("Somebody chose which letters he gets"),
    "staff.added": _("Somebody joined the team"),
    "staff.login_link_made": _("A link to sign in was made"),
    "staff.reinstated": _("An account was reinstated"),
    "staff.role_changed": _("Somebody's role was changed"),
    "staff.second_factor_removed": _("A second factor was removed"),
    "staff.signed_in": _("Signed in"),
    "staff.suspended": _("An account was suspended"),
    "staff.outlets_changed": _("The outlets somebody may see were changed"),
    "staff.session_ended": _("A session was ended"),
}
_ACTORS = {
    "system": _("Setia itself"),
    "import": _("An import"),
    "api": _("Another program"),
    "staff": _("The team"),
}


def sentences(events: Sequence[Event], *, viewer: Staff) -> list[tuple[Event, str, str, str]]:
    """Return each fact with who did it, what it says, and a detail without the words of notes and contacts."""
    rows = []
    for event, happening in zip(events, happenings.shown(events, viewer=viewer), strict=True):
        title = str(_TITLES.get(event.kind, happening.title))
        detail = "" if event.kind.startswith("timeline.") else happening.detail
        actor = happening.actor or str(_ACTORS.get(event.actor_kind, event.actor_kind))
        rows.append((event, actor, title, detail))
    return rows


def page_name(page: str) -> str:
    """Return what a page of the access log is called; the file of an export keeps what was chosen for it."""
    if page.startswith("export:"):
        return _("Export: {what}").format(what=page.removeprefix("export:"))
    return str(_PAGES.get(page, page))
