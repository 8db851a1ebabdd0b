"""`setia demo`, `setia run`, `setia worker`: processes that serve."""

import ipaddress
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from setia.cli import Failure, start_django
from setia.foundation.lifeline import SERVED_BY

_STOP_SECONDS = 15


def is_loopback(host: str) -> bool:
    """Tell whether an address is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_plain_http(host: str, *, url: str, has_certificate: bool) -> None:
    """Refuse to serve others without encryption; raises Failure with the ways to mend it."""
    if is_loopback(host) or has_certificate or urlsplit(url).scheme == "https":
        return
    raise Failure(
        f"Setia does not serve plain HTTP on {host}: passwords and customers' data would cross the network in the "
        "clear, and browsers refuse passkeys and cameras there. Set SETIA_URL=https://your.name with a proxy in "
        "front (docs/operations.md has a tested recipe), or pass --certificate and --key."
    )


def prepare(*, quiet: bool = False) -> None:
    """Bring the database up to date and lay out the static files."""
    from setia.cli.upkeep import collect_static, migrate_database

    migrate_database(quiet=quiet)
    collect_static()


def _server(host: str, port: int, workers: int, threads: int, certificate: Path | None, key: Path | None) -> Any:
    from granian import Granian
    from granian.constants import Interfaces

    return Granian(
        "setia.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        # A body that is still arriving holds a thread of ours; beyond this many requests wait in the kernel.
        backlog=256,
        respawn_failed_workers=True,
        ssl_cert=certificate,
        ssl_key=key,
        log_level="warning",  # type: ignore[arg-type]
    )


class _WorkerKeeper(threading.Thread):
    """Keeps one worker process running beside the web server, and stops it with it."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        while not self._stopping.is_set():
            # Out of the terminal's process group: Ctrl-C reaches the server, which then ends the worker in order.
            command = [sys.executable, "-m", "setia", "worker"]
            self._child = subprocess.Popen(command, start_new_session=True)  # noqa: S603 (our own program)
            self._child.wait()
            self._stopping.wait(1.0)

    def stop(self) -> None:
        self._stopping.set()
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()


def serve(
    *,
    host: str,
    port: int,
    workers: int,
    threads: int,
    with_worker: bool,
    certificate: Path | None = None,
    key: Path | None = None,
) -> None:
    """Serve until stopped."""
    os.environ[SERVED_BY] = str(os.getpid())
    _refuse_taken_port(host, port)
    keeper = _WorkerKeeper()
    if with_worker:
        keeper.start()
    try:
        _server(host, port, workers, threads, certificate, key).serve()
    finally:
        keeper.stop()


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Failure(
                f"Port {port} on {host} is not free ({error.strerror}); choose another with --port."
            ) from error


@click.command(name="run")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64), help="Threads in each.")
@click.option("--certificate", type=click.Path(exists=True, path_type=Path), help="TLS certificate (PEM).")
@click.option("--key", type=click.Path(exists=True, path_type=Path), help="Private key of the certificate (PEM).")
@click.option("--no-worker", is_flag=True, help="Serve pages only; start `setia worker` elsewhere.")
def run_command(
    host: str,
    port: int,
    workers: int,
    threads: int,
    certificate: Path | None,
    key: Path | None,
    no_worker: bool,
) -> None:
    """Serve the shop: web and background worker together."""
    start_django(needs_tables=False)
    from django.conf import settings

    from setia.domains.staff.queries import owner_count

    refuse_plain_http(host, url=settings.SETIA_URL, has_certificate=certificate is not None)
    prepare()
    if not owner_count():
        click.echo("Nobody can sign in yet. Make an owner: setia user add --owner --name Sari --email sari@toko.id")
    click.echo(f"Setia listens on {'https' if certificate else 'http'}://{host}:{port} (stop with Ctrl-C)")
    serve(
        host=host,
        port=port,
        workers=workers,
        threads=threads,
        with_worker=not no_worker,
        certificate=certificate,
        key=key,
    )


@click.command(name="worker")
def worker_command() -> None:
    """Do background work: imports, deliveries, the schedule. Start as many as there is work for."""
    start_django()
    from setia.config.schedule import SCHEDULE
    from setia.foundation.jobs import worker
    from setia.foundation.lifeline import end_with_parent

    end_with_parent(gently=True)
    worker.run(SCHEDULE)


@click.command(name="demo")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--customers", default=600, show_default=True, type=click.IntRange(1), help="People to make.")
@click.option("--months", default=18, show_default=True, type=click.IntRange(1, 120), help="Months of history.")
@click.option("--seed", default=20261122, show_default=True, help="The same seed makes the same shop.")
@click.option("--fresh", is_flag=True, help="Throw the demo shop away and make it anew.")
@click.option("--no-serve", is_flag=True, help="Only make the shop.")
def demo_command(port: int, customers: int, months: int, seed: int, fresh: bool, no_serve: bool) -> None:
    """Try Setia with a made-up coffee chain, Kopi Senja. Prints the address and a one-time login.

    The demo lives in a folder of its own, so it never touches a real shop, and is reachable from this machine only.
    """
    _move_to_demo_home(fresh)
    started = time.monotonic()
    start_django(needs_tables=False)
    prepare(quiet=True)
    from setia.demo.loading import load_demo, owner_link
    from setia.foundation import clock

    made = load_demo(
        customers=customers,
        months=months,
        seed=seed,
        at=clock.now(),
        report=lambda text: click.echo(text, err=True),
    )
    if made:
        click.echo(f"Kopi Senja is ready: {made} ({time.monotonic() - started:.0f} s)", err=True)
    if no_serve:
        return
    if made:
        from setia.domains.analytics.tasks import analyze
        from setia.foundation.jobs.backend import put

        put(analyze, unique_key="analyze")
    token = owner_link(at=clock.now())
    click.echo(f"\n  Kopi Senja:  http://127.0.0.1:{port}/masuk/{token}/")
    click.echo("  The link signs the owner in once, within 12 hours. Stop with Ctrl-C.")
    click.echo("  As its cashier: Tim → Budi Santoso → Buat tautan, and open that link in a private window.\n")
    sys.stdout.flush()
    serve(host="127.0.0.1", port=port, workers=2, threads=2, with_worker=True)


def _move_to_demo_home(fresh: bool) -> None:
    """Point SETIA_HOME at the demo's own folder, unless the caller chose one."""
    import shutil

    from setia.foundation import home

    if "SETIA_HOME" not in os.environ:
        os.environ["SETIA_HOME"] = str(home.home() / "demo")
    os.environ["SETIA_DEMO"] = "1"
    if fresh:
        if os.environ.get("DATABASE_URL"):
            raise Failure("--fresh only throws away a demo on SQLite; empty the PostgreSQL database by hand.")
        place = home.home()
        if any(place.iterdir()) and not (place / ".demo").exists():
            raise Failure(f"{place} is not a demo's folder, so it is left alone.")
        shutil.rmtree(place)
    place = home.home()
    if not any(place.iterdir()):
        (place / ".demo").touch()
