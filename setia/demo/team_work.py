"""What the team of Kopi Senja does about people: contacts, tasks, a mention, consents, tags, who is who."""

from datetime import datetime, timedelta
from typing import Any

from setia.domains.customers.actions import (
    add_customer,
    add_tags,
    publish_wording,
    record_consents,
    resolve_people,
    suggest_duplicate,
)
from setia.domains.customers.drafts import ConsentDraft
from setia.domains.customers.models import Customer
from setia.domains.customers.queries import reach_of
from setia.domains.customers.rules import PersonClaim
from setia.domains.customers.rules.consents import Channel, Purpose, is_minor
from setia.domains.staff.models import Staff
from setia.domains.teamwork.actions import FollowUp, leave_note, log_contact, make_task
from setia.foundation.actors import SYSTEM

_WORDS_ID = "Saya mau menerima kabar dan promo Kopi Senja lewat WhatsApp."
_WORDS_EN = "I would like to hear news and offers of Kopi Senja by WhatsApp."


def begin_team_work(*, at: datetime) -> None:
    """Let the team have worked with the first customers; a shop that is too small is left as it is."""
    known = Customer.objects.filter(canonical=None).exclude(name="").order_by("id")[:40]
    people = [person for person in known if not is_minor(person.birth_date, on=at.date())][:8]
    team = {person.email.partition("@")[0]: person for person in Staff.objects.filter(is_active=True)}
    if len(people) < 8 or not {"sari", "tono", "maya"} <= set(team):
        return
    _talk(people, team, at)
    _ask_consent(people, at)
    ids = [person.id for person in people]
    add_tags(customer_ids=ids[:4], names=["Pelanggan pagi"], by=SYSTEM, at=at)
    add_tags(customer_ids=ids[1:3], names=["Katering kantor"], by=SYSTEM, at=at)
    _double(people, at)


def _talk(people: list[Customer], team: dict[str, Staff], at: datetime) -> None:
    tono, maya, sari = team["tono"], team["maya"], team["sari"]
    today = at.date()
    follow_up = FollowUp(title="Kirim daftar harga katering", due_date=today)
    said: dict[str, Any] = {"by": tono, "at": at, "is_inbound": True}
    log_contact(
        customer=people[0],
        kind="call",
        happened_at=at - timedelta(hours=3),
        duration_seconds=240,
        outcome="tertarik",
        body="Mau pesan kopi untuk rapat 20 orang. @Sari tolong cek harganya.",
        follow_up=follow_up,
        **said,
    )
    log_contact(customer=people[1], kind="chat", happened_at=at - timedelta(days=1), body="Tanya jam buka.", **said)
    leave_note(customer=people[2], body="Selalu minta gula aren dipisah.", author=maya, at=at)
    for title, person, days, priority, customer in (
        ("Telepon, sudah lama tidak mampir", sari, -1, 1, people[3]),
        ("Siapkan kartu ucapan ulang tahun", sari, 0, 2, people[2]),
        ("Cek stok gelas untuk akhir pekan", maya, 2, 3, None),
    ):
        due = today + timedelta(days=days)
        make_task(title=title, assignee=person, due_date=due, priority=priority, customer=customer, by=sari, at=at)
    make_task(title="Balas ulasan di marketplace", is_for_nobody=True, by=sari, at=at)


def _ask_consent(people: list[Customer], at: datetime) -> None:
    wording = publish_wording(purpose=Purpose.MARKETING, text_id=_WORDS_ID, text_en=_WORDS_EN, by=SYSTEM, at=at)
    answers = [
        ConsentDraft(
            customer_id=person.id,
            purpose=Purpose.MARKETING,
            channel=Channel.WHATSAPP,
            is_granted=number % 3 != 2,
            given_at=at - timedelta(days=number + 1),
            source=f"demo|{person.id}",
            evidence="Ditanya kasir saat membayar",
            wording_version=wording.version,
        )
        for number, person in enumerate(people[:6])
    ]
    record_consents(answers=answers, door="demo", by=SYSTEM, at=at)
    _ask_at_the_till(wording.version, at)


def _ask_at_the_till(version: int, at: datetime) -> None:
    """Let the till have asked half of the customers with a name: two of three said yes, a few said no."""
    asked = Customer.objects.filter(canonical=None).exclude(name="").order_by("id")[40:1_000:2]
    answers = [
        ConsentDraft(
            customer_id=person.id,
            purpose=Purpose.MARKETING,
            channel=Channel.PHONE if number % 9 == 4 else Channel.WHATSAPP,
            is_granted=number % 3 != 2,
            given_at=at - timedelta(days=number % 200 + 1),
            source=f"demo|till|{person.id}",
            evidence="Ditanya kasir saat membayar",
            wording_version=version,
        )
        for number, person in enumerate(asked)
        # Whoever has come of age since was a child when the till asked.
        if not is_minor(person.birth_date, on=at.date() - timedelta(days=201))
    ]
    record_consents(answers=answers, door="demo", by=SYSTEM, at=at)


def _double(people: list[Customer], at: datetime) -> None:
    """Let two pairs of rows look like one person, and one number come with another name."""
    for number, person in enumerate(people[4:6]):
        claim = PersonClaim(email=f"kembar{number + 1}@contoh.id", name=person.name, city=person.city)
        twin = add_customer(claim=claim, door="demo", by=SYSTEM, at=at)
        suggest_duplicate(left_id=person.id, right_id=twin.id, score=85, reasons=["same_name"], at=at)
    if number_of := reach_of([people[6].id]).phone:
        resolve_people(claims=[PersonClaim(phone=number_of, name="Joko Susilo")], door="import", by=SYSTEM, at=at)
