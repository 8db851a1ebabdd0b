"""Finding people among a million: by name, phone, last four digits, e-mail or the shop's own number."""

import re

from django.db import connection
from django.db.models import QuerySet

from setia.domains.customers.models import Customer, Identity
from setia.domains.customers.resolving import TAIL_DIGITS, lookup_key
from setia.domains.customers.rules import IdentityKind, normal_value, search_words
from setia.foundation.crypto import tail_index

# People looked at before ranking; a query that matches more is too vague to rank, and narrowing it is quicker.
CANDIDATES = 300
SHORTEST_WORD = 2


def candidates(text: str) -> list[int]:
    """Return ids of people a search text may mean, at most `CANDIDATES`; the doors rank and show them.

    A whole phone, e-mail or shop number finds its owner; four digits find phones that end so; words find names
    whose words begin with each of them.
    """
    text = text.strip()
    found: list[int] = list(_by_identity(text))
    if re.fullmatch(rf"\d{{{TAIL_DIGITS}}}", text):
        tail = tail_index("identity:phone", text)
        rows = Identity.objects.filter(kind=IdentityKind.PHONE, tail=tail).order_by("-id")[:CANDIDATES]
        # The tail is a short hash, so open what was found and keep what really ends so.
        found += [row.customer_id for row in rows if row.value.endswith(text)]
    words = [word for word in search_words(text) if len(word) >= SHORTEST_WORD]
    if words and not text.replace(" ", "").isdigit():
        found += _by_name(words)
    return list(dict.fromkeys(found))[:CANDIDATES]


def _by_identity(text: str) -> QuerySet[Identity, int]:
    keys = [lookup_key(kind, value)[1] for kind in IdentityKind if (value := normal_value(kind, text))]
    return Identity.objects.filter(kind__in=list(IdentityKind), lookup__in=keys).values_list("customer_id", flat=True)


def _by_name(words: list[str]) -> list[int]:
    if connection.vendor == "postgresql":
        query = " & ".join(f"{word}:*" for word in words)
        sql = (
            "SELECT id FROM customers_customer "
            "WHERE to_tsvector('simple', search_name) @@ to_tsquery('simple', %s) LIMIT %s"
        )
    else:
        query = " ".join(f'"{word}"*' for word in words)
        sql = "SELECT rowid FROM customers_name_search WHERE customers_name_search MATCH %s LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [query, CANDIDATES])
        ids = [row[0] for row in cursor.fetchall()]
    return list(Customer.objects.filter(id__in=ids).values_list("id", flat=True)) if ids else []
