"""Orders a second through HTTP, beside the raw driver doing the same inserts in the same run."""

import argparse
import http.client
import json
import re
import threading
import time
import urllib.parse
from typing import Any

from bench.shops import Shop, on_each_database, percentile, served

SECONDS = {"small": 3.0, "full": 15.0}
CLIENTS = 4


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Return order transactions a second on each database, through the staff form and by the raw driver."""
    seconds = SECONDS[options.scale]

    def measure(place: Shop) -> dict[str, Any]:
        place.run("demo", "--no-serve", "--customers", "500", "--months", "3")
        raw = float(place.module("bench.inside_writes", str(seconds)))
        with served(place) as url:
            times = _hammer(place, url, seconds)
        rate = len(times) / seconds
        return {
            "orders_per_second": round(rate, 1),
            "raw_per_second": round(raw, 1),
            "share_of_raw": round(rate / raw, 3),
            "p50_ms": round(1000 * percentile(times, 0.5), 1),
            "p99_ms": round(1000 * percentile(times, 0.99), 1),
        }

    return {"bench": "writes", "scale": options.scale, **on_each_database(measure)}


def _cookies(place: Shop, url: str) -> tuple[str, str]:
    """Sign the demo's owner in by a link and return cookies and CSRF token."""
    code = (
        "from setia.demo.loading import owner_link\nfrom setia.foundation import clock\n"
        "print(owner_link(at=clock.now()))"
    )
    link = f"/masuk/{place.ask(code)}/"
    host = urllib.parse.urlsplit(url)
    line = http.client.HTTPConnection(host.hostname or "", host.port)
    line.request("GET", link)
    page = line.getresponse()
    body = page.read().decode()
    jar = {**_set(page)}
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', body)
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token.group(1) if token else ""})
    headers = {"Cookie": _header(jar), "Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", link, form, headers)
    answer = line.getresponse()
    answer.read()
    jar |= _set(answer)
    return _header(jar), jar["setia-csrf"]


def _set(answer: http.client.HTTPResponse) -> dict[str, str]:
    pairs = [value.split(";")[0].partition("=") for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    return {name: value for name, _, value in pairs}


def _header(jar: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in jar.items())


def _hammer(place: Shop, url: str, seconds: float) -> list[float]:
    people = json.loads(
        place.ask(
            "import json\nfrom setia.domains.customers.models import Customer\n"
            "print(json.dumps([str(i) for i in Customer.objects.values_list('id', flat=True)[:500]]))"
        )
    )
    times: list[float] = []
    stop = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_client, args=(url, *_cookies(place, url), people[n::CLIENTS], n, stop, times))
        for n in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def _client(url: str, cookies: str, token: str, people: list[str], n: int, stop: float, times: list[float]) -> None:
    host = urllib.parse.urlsplit(url)
    line = http.client.HTTPConnection(host.hostname or "", host.port)
    headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token}
    count = 0
    while time.monotonic() < stop:
        form = {
            "customer": people[count % len(people)],
            "once": f"{n}-{count}",
            "product_0": "Kopi Tubruk",
            "price_0": "15000",
            "quantity_0": "1",
        }
        start = time.perf_counter()
        line.request("POST", "/console/orders/new/", urllib.parse.urlencode(form), headers)
        answer = line.getresponse()
        answer.read()
        if answer.status != 302:
            raise RuntimeError(f"an order was answered with {answer.status}")
        times.append(time.perf_counter() - start)
        count += 1
