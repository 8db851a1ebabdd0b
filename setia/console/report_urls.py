"""Addresses of reports, alerts and letters."""

from django.urls import path

from setia.console.views import letters, reports

urlpatterns = [
    path("reports/", reports.report_list, name="reports"),
    path("reports/<int:report_id>/", reports.report, name="report"),
    path("reports/<int:report_id>/pdf/", reports.as_pdf, name="report_pdf"),
    path("reports/<int:report_id>/csv/", reports.as_csv, name="report_csv"),
    path("reports/alerts/", reports.alert_list, name="alerts"),
    path("reports/alerts/<int:alert_id>/close/", reports.close_alert, name="alert_close"),
    path("reports/alerts/<int:alert_id>/reopen/", reports.reopen_alert, name="alert_reopen"),
    path("reports/wishes/", reports.wishes, name="report_wishes"),
    path("settings/letters/", letters.letter_list, name="letters"),
    path("settings/letters/<int:letter_id>/", letters.letter, name="letter"),
    path("settings/letters/<int:letter_id>/again/", letters.try_again, name="letter_again"),
    path("settings/letters/<int:letter_id>/files/<int:attachment_id>/", letters.attachment, name="letter_file"),
    path("settings/letters/test/", letters.write_test, name="letter_test"),
]
