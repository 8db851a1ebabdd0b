"""Orders a second through the bulk API over HTTP, beside the raw driver doing the same inserts in the same run."""

import argparse
import http.client
import json
import time
import urllib.parse
from typing import Any

from bench.shops import Shop, on_each_database, percentile, served

SIZES = {"small": (8, 200, 2.0), "full": (30, 1_000, 10.0)}  # calls, orders a call, seconds of single orders


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Return orders a second in bulk and singly on each database, and the share of the raw driver's rate."""
    calls, size, seconds = SIZES[options.scale]

    def measure(place: Shop) -> dict[str, Any]:
        place.run("demo", "--no-serve", "--customers", "500", "--months", "3")
        raw = float(place.module("bench.inside_writes", str(seconds), str(size)))
        made = place.run("api-key", "add", "--name", "b", "--source", "bench", "--scope", "orders:write", "--json")
        token = json.loads(made.splitlines()[-1])["token"]
        with served(place) as url:
            line = _Line(url, token)
            bulk = [line.send("orders/bulk", {"items": _orders(call * size, size)}) for call in range(calls)]
            single: list[float] = []
            stop = time.monotonic() + seconds
            while time.monotonic() < stop:
                single.append(line.send("orders", _orders(10**6 + len(single), 1)[0]))
        rate = calls * size / sum(bulk)
        return {
            "orders_per_second": round(rate, 1),
            "raw_per_second": round(raw, 1),
            "share_of_raw": round(rate / raw, 3),
            "call_p50_ms": round(1000 * percentile(bulk, 0.5), 1),
            "call_p95_ms": round(1000 * percentile(bulk, 0.95), 1),
            "single_per_second": round(len(single) / sum(single), 1),
            "single_p50_ms": round(1000 * percentile(single, 0.5), 1),
            "single_p95_ms": round(1000 * percentile(single, 0.95), 1),
        }

    return {"bench": "bulk", "scale": options.scale, "orders_per_call": size, **on_each_database(measure)}


class _Line:
    """One connection to the API."""

    def __init__(self, url: str, token: str) -> None:
        host = urllib.parse.urlsplit(url)
        self._http = http.client.HTTPConnection(host.hostname or "", host.port)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def send(self, path: str, body: Any) -> float:
        """Send a call and return how many seconds its answer took."""
        start = time.perf_counter()
        self._http.request("POST", f"/api/v1/{path}", json.dumps(body), self._headers)
        answer = self._http.getresponse()
        told = json.loads(answer.read())
        if answer.status not in (200, 201) or told.get("counts", {}).get("refused"):
            raise RuntimeError(f"{answer.status}: {str(told)[:300]}")
        return time.perf_counter() - start


def _orders(first: int, count: int) -> list[dict[str, Any]]:
    return [
        {
            "external_id": f"B-{number}",
            "placed_at": "2026-11-22T10:00:00+07:00",
            "customer": {"external_id": f"u-{number % 500}"},
            "lines": [{"sku": "TBR", "name": "Kopi Tubruk", "quantity": 1, "unit_price": 15000}],
        }
        for number in range(first, first + count)
    ]
