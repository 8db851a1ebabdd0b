"""The screens of advice: a customer's part, today's list with its capacity, what was learned, recommendations."""

from datetime import date

import pytest
from django.test import Client

from setia.domains.advice.actions import save_choices
from setia.domains.advice.models import AdviceRound, Companion, Decision, NextAction
from setia.domains.teamwork.models import Task
from setia.foundation import clock
from setia.foundation.actors import SYSTEM
from setia.foundation.jobs.models import Job
from tests import cast
from tests.conftest import prove
from tests.domains.advice.test_deciding import consents, silent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now():
    with clock.frozen(cast.NOW):
        yield


def browser(name):
    """Return a browser of somebody of the team, proven."""
    client = Client()
    person = cast.staff(name)
    person.authenticator_set.get_or_create(type="totp", defaults={"data": {"secret": "x"}})
    client.force_login(person)
    prove(client, person.id)
    return client


def page_of(person):
    return f"/console/customers/{person.id}/advice/"


def test_a_customer_s_page_asks_for_its_part_and_has_a_link_without_script():
    eko, maya = silent(), browser("maya")
    whole = maya.get(f"/console/customers/{eko.id}/").content.decode()
    assert f'hx-get="{page_of(eko)}"' in whole
    assert f'<a href="{page_of(eko)}">' in whole
    part = maya.get(page_of(eko), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Sudah 80 hari tidak membeli, biasanya tiap 10 hari." in part
    assert "<html" in maya.get(page_of(eko)).content.decode()


def test_taking_up_and_the_way_back():
    eko, maya = silent(), browser("maya")
    for _ in range(2):
        answer = maya.post(f"{page_of(eko)}win_back/accept/", {"next": "/console/advice/"})
        assert answer.headers["Location"] == "/console/advice/"
    task, decision = Task.objects.get(), Decision.objects.get()
    assert (task.title, task.note) == ("Ajak kembali", "Sudah 80 hari tidak membeli, biasanya tiap 10 hari.")
    assert "dikerjakan" in maya.get(page_of(eko)).content.decode()
    maya.post(f"/console/advice/decisions/{decision.id}/undo/")
    assert Task.objects.get().state == "cancelled"
    assert "win_back/accept/" in maya.get(page_of(eko)).content.decode()


def test_no_open_redirect():
    eko = silent()
    answer = browser("maya").post(f"{page_of(eko)}win_back/dismiss/", {"next": "https://evil.example/", "reason": "x"})
    assert answer.headers["Location"] == f"/console/customers/{eko.id}/"
    assert Decision.objects.count() == 0


def test_why_something_may_not_be_done_is_said():
    eko = silent()
    consents(eko, yes=False)
    text = browser("budi").get(page_of(eko)).content.decode()
    assert "“Ajak kembali” sebenarnya layak, tetapi belum ada persetujuannya." in text


def test_today_is_capped_to_what_the_team_manages():
    people = [silent(name, days=80 + number) for number, name in enumerate(("eko", "dewi", "fitri"))]
    for number, person in enumerate(people):
        NextAction.objects.create(customer=person, kind="win_back", net=1_000 * (number + 1))
    save_choices(changes={"daily_capacity": 2}, by=SYSTEM, at=cast.NOW)
    maya = browser("maya")
    text = maya.get("/console/advice/").content.decode()
    assert (text.index("Fitri") < text.index("Dewi"), "Eko" in text) == (True, False)
    assert "Eko" in maya.get("/console/advice/?more=yes").content.decode()
    chosen = [f"{person.id}:win_back" for person in people[:2]]
    answer = maya.post("/console/advice/accept/", {"chosen": [*chosen, "1:win_back", "x", f"{people[2].id}:dance"]})
    assert answer.status_code == 302
    assert Task.objects.count() == 2
    assert "Cukup untuk hari ini." in maya.get("/console/advice/").content.decode()
    assert maya.post("/console/advice/accept/", {"chosen": chosen}).status_code == 302
    assert Task.objects.count() == 2
    assert "Tindak lanjuti keranjang" not in maya.get("/console/advice/?kind=cart&more=yes").content.decode()


def test_a_cashier_sees_his_own_customers_only():
    eko = silent()
    NextAction.objects.create(customer=eko, kind="win_back", net=1_000)
    assert "Eko" not in browser("budi").get("/console/advice/?who=all").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_often_for_one_as_for_three(count, django_assert_max_num_queries):
    for name in ("eko", "dewi", "fitri")[:count]:
        NextAction.objects.create(customer=silent(name), kind="win_back", net=1_000)
    maya = browser("maya")
    with django_assert_max_num_queries(38):
        assert maya.get("/console/advice/").status_code == 200


def test_recommendations_say_what_is_shown_and_why():
    notes = {
        "popular": [str(cast.product())],
        "judged": {
            "again": {"people": 200, "shown": "frequency", "is_judged": True, "since": "2026-08-01", "lists": {
                "popularity": {"people": 200, "hit_rate": [0.3, 0.25, 0.35], "recall": [0.1, 0.05, 0.15],
                               "ndcg": [0.1, 0.05, 0.15]},
                "frequency": {"people": 200, "hit_rate": [0.753, 0.7, 0.8], "recall": [0.2, 0.15, 0.25],
                              "ndcg": [0.2, 0.15, 0.25], "better": [0.1, 0.05, 0.15]},
            }},
            "also": {"people": 12, "shown": "popularity", "is_judged": True, "lists": {}},
        },
        "windows": {"people": {"ahead": 90, "tried": {"people": 900, "returned": 500, "nominal": 0.8,
                                                      "covered": 0.83, "promised": 0.4, "happened": 0.41}},
                    "items": {}},
    }  # fmt: skip
    nadia = browser("nadia")
    assert "Belum ada rekomendasi" in nadia.get("/console/measures/recommendations/").content.decode()
    AdviceRound.objects.create(
        state="done", today=date(2026, 11, 22), started_at=cast.NOW, finished_at=cast.NOW, notes=notes
    )
    text = nadia.get("/console/measures/recommendations/").content.decode()
    for words in ("75,3%", "70% – 80%", "83%", "jadi yang terlaris ditampilkan", "Kopi Susu Senja"):
        assert words in text, words


def test_what_was_learned_says_that_it_proves_nothing():
    text = browser("nadia").get("/console/advice/learned/").content.decode()
    assert "bukan bukti bahwa saranlah penyebabnya" in text


def test_choices_are_kept_and_everything_is_made_anew():
    cast.product()
    sari = browser("sari")
    form = {
        "excluded_categories": ["Kopi"], "out_of_sale_days": 60, "least_together": 4, "margin_percent": 40,
        "message_cost": 700, "minute_cost": 600, "pause_days": 5, "daily_capacity": 10,
    }  # fmt: skip
    assert sari.post("/console/measures/recommendations/choices/", {**form, "margin_percent": 0}).status_code == 422
    assert sari.post("/console/measures/recommendations/choices/", form).status_code == 302
    assert "Kopi" in sari.get("/console/measures/recommendations/choices/").content.decode()
    assert Job.objects.filter(task_path__endswith="advise_now").count() == 1


def test_a_product_s_page_shows_its_pair_and_may_leave_it_out():
    coffee, bread = cast.product(), cast.product("Roti Bakar", 18_000)
    Companion.objects.create(
        product_id=coffee, place=1, other_id=bread, both=30, alone=100, other_alone=60, baskets=1_000
    )
    maya = browser("maya")
    text = maya.get(f"/console/products/{coffee}/").content.decode()
    for words in ("Roti Bakar", "30 keranjang", "5 kali lebih sering", "30% keranjang", "3% dari semua"):
        assert words in text, words
    maya.post(f"/console/products/{coffee}/recommend/")
    assert "Produk ini tidak pernah direkomendasikan." in maya.get(f"/console/products/{coffee}/").content.decode()
    maya.post(f"/console/products/{coffee}/recommend/", {"wanted": "yes"})
    assert "Jangan pernah rekomendasikan" in maya.get(f"/console/products/{coffee}/").content.decode()
