"""The guide on screen: mistakes with their figures, goals from setting to closing, why people leave, the neglected."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from setia.domains.analytics.models import Finding, PersonScore
from setia.domains.guidance.models import LeavingReason, Objective
from setia.foundation.events.models import AccessLog
from tests import cast
from tests.console import verdicts
from tests.console.scenes_goals import objective
from tests.domains.guidance.test_mistakes import counts

pytestmark = pytest.mark.django_db


def text(answer: object) -> str:
    return answer.content.decode().replace("\xa0", " ")  # type: ignore[attr-defined]


def test_mistakes_stand_with_their_figures_and_what_is_not_known_says_why(sari: Client) -> None:
    assert "Belum dihitung" in text(sari.get("/console/guide/"))
    found = counts(spend={"win": 900_000, "keep": 100_000}, follow_up={"buyers": 100, "touched": 40})
    Finding.objects.create(name="evidence", as_of=cast.NOW.date(), found=found)
    page = text(sari.get("/console/guide/"))
    first = page.split("Hanya mengejar pelanggan baru")[1].split("</section>")[0]
    assert "kesalahan" in first
    assert "90%" in first
    assert "40 dari 100" in page
    programme = page.split("Tanpa program kesetiaan")[1].split("</section>")[0]
    assert "belum diketahui" in programme
    assert "1 kesalahan tampak" in page


def test_a_goal_is_set_followed_and_closed(sari: Client) -> None:
    assert "Belum ada sasaran" in text(sari.get("/console/guide/goals/"))
    form = text(sari.get("/console/guide/goals/new/"))
    assert 'value="70"' in form
    assert 'value="80"' in form
    wanted = {
        "title": "Lebih setia", "quarter": form.split('name="quarter"')[1].split('value="')[1].split('"')[0],
        "rhythm": "weekly", "owner": str(cast.staff("sari").id), "use_retention": "on", "start_retention": "70",
        "target_retention": "80,5", "use_nps": "on", "start_nps": "42", "target_nps": "55",
    }  # fmt: skip
    answer = sari.post("/console/guide/goals/new/", wanted)
    goal = Objective.objects.get()
    assert answer.headers["Location"] == f"/console/guide/goals/{goal.id}/"
    live, by_hand = goal.key_results.order_by("position")
    assert (live.measure, live.start, live.target) == ("retention_year", 0.7, 0.805)
    sari.post(f"/console/guide/goals/{goal.id}/key-results/{by_hand.id}/check-in/", {f"{by_hand.id}-value": "48,5"})
    page = text(sari.get(f"/console/guide/goals/{goal.id}/"))
    assert "48,5" in page
    assert "(50%)" in page
    sari.post(f"/console/guide/goals/{goal.id}/initiatives/", {"title": "Telepon sepuluh orang"})
    assert "Telepon sepuluh orang" in text(sari.get(f"/console/guide/goals/{goal.id}/"))
    sari.post(f"/console/guide/goals/{goal.id}/close/", {"result": "Hampir tercapai"})
    assert "Hampir tercapai" in text(sari.get("/console/guide/goals/?show=closed"))
    late = sari.post(f"/console/guide/goals/{goal.id}/initiatives/", {"title": "Terlambat"})
    assert late.status_code == 422
    assert "sudah ditutup" in text(late)


def test_a_goal_without_a_way_to_go_is_refused_with_what_was_typed(sari: Client) -> None:
    wanted = {"title": "Lebih setia", "use_nps": "on", "start_nps": "42", "target_nps": "42"}
    answer = sari.post("/console/guide/goals/new/", wanted)
    assert answer.status_code == 422
    assert "Awal dan target sama" in text(answer)
    assert 'value="Lebih setia"' in text(answer)
    assert not Objective.objects.exists()


def test_a_figure_that_is_none_is_refused(sari: Client) -> None:
    goal = objective()
    row = goal.key_results.get(measure="")
    path = f"/console/guide/goals/{goal.id}/key-results/{row.id}/check-in/"
    assert sari.post(path, {f"{row.id}-value": "banyak"}).status_code == 422
    assert not row.check_ins.exists()
    other = objective().key_results.get(measure="")
    assert sari.post(f"/console/guide/goals/{goal.id}/key-results/{other.id}/check-in/").status_code == 404


def test_why_somebody_left_is_noted_and_counted(sari: Client) -> None:
    dewi = cast.member("dewi")
    assert "Belum ada yang mencatat" in text(sari.get("/console/guide/leaving/"))
    words = {"cause": "ignored", "words": "Tidak pernah disapa"}
    assert sari.post(f"/console/guide/leaving/{dewi.id}/", words).status_code == 302
    assert LeavingReason.objects.get().words == "Tidak pernah disapa"
    assert "Merasa diabaikan" in text(sari.get("/console/guide/leaving/"))
    assert "Merasa diabaikan" in text(sari.get(f"/console/customers/{dewi.id}/timeline/"))
    assert sari.post(f"/console/guide/leaving/{dewi.id}/", {"cause": "x"}).status_code == 422


def test_the_neglected_lead_to_a_task_and_looking_is_logged(sari: Client) -> None:
    assert "Belum dihitung" in text(sari.get("/console/guide/neglected/"))
    PersonScore.objects.create(
        customer=cast.member("dewi"), recency_days=10, recency=3, frequency=3, money=3, segment="loyal", level=5,
        worth=900_000,
    )  # fmt: skip
    page = text(sari.get("/console/guide/neglected/?days=30&who=all"))
    assert "Dewi" in page
    assert f"/console/tasks/new/?customer={cast.member('dewi').id}" in page
    assert AccessLog.objects.filter(page="neglected", row_count=1).exists()
    nadia = text(verdicts.browser("analyst").get("/console/guide/neglected/?days=abc"))
    assert "3456-7890" not in nadia


def test_a_goal_is_called_otherwise_and_given_to_somebody_else(sari: Client) -> None:
    goal, rina = objective(), cast.staff("rina")
    path = f"/console/guide/goals/{goal.id}/edit/"
    wanted = {"title": "Makin setia", "rhythm": "monthly", "owner": str(rina.id)}
    assert sari.post(path, wanted).status_code == 302
    goal.refresh_from_db()
    assert (goal.title, goal.rhythm, goal.owner_id) == ("Makin setia", "monthly", rina.id)
    sari.post(f"/console/guide/goals/{goal.id}/close/")
    assert "sudah ditutup" in text(sari.post(path, wanted | {"title": "Lain"}))


def test_lists_ask_the_same_number_of_questions_for_one_goal_and_for_many(sari: Client) -> None:
    counts_of_questions = []
    for more in (1, 6):
        for _ in range(more):
            objective()
        sari.get("/console/guide/goals/")
        with CaptureQueriesContext(connection) as asked:
            assert sari.get("/console/guide/goals/").status_code == 200
        counts_of_questions.append(len(asked.captured_queries))
    assert counts_of_questions[0] == counts_of_questions[1]


def test_the_neglected_are_asked_for_at_once(sari: Client) -> None:
    asked_for = []
    for names in (("dewi",), ("eko", "fitri", "gilang")):
        for name in names:
            PersonScore.objects.create(
                customer=cast.member(name), recency_days=10, recency=3, frequency=3, money=3, segment="loyal", level=5,
                worth=900_000,
            )  # fmt: skip
        sari.get("/console/guide/neglected/?who=all")
        with CaptureQueriesContext(connection) as asked:
            sari.get("/console/guide/neglected/?who=all")
        asked_for.append(len(asked.captured_queries))
    assert asked_for[0] == asked_for[1]
