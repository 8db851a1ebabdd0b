"""`setia user` and `setia shop`: accounts and the shop's profile, from the terminal."""

import click

from setia.cli import Failure, start_django
from setia.cli.output import json_option, print_json


@click.group(name="user")
def user_command() -> None:
    """Add people who work with Setia, let them in, suspend them."""
    start_django()


def _person(email: str):  # type: ignore[no-untyped-def]
    from setia.domains.staff.models import Staff

    person = Staff.objects.filter(email__iexact=email).first()
    if person is None:
        raise Failure(f"Nobody has the e-mail {email}; `setia user list` shows everybody.")
    return person


def _link(person) -> str:  # type: ignore[no-untyped-def]
    from django.conf import settings

    from setia.domains.staff.actions import make_login_link
    from setia.foundation import clock
    from setia.foundation.actors import SYSTEM

    return f"{settings.SETIA_URL}/masuk/{make_login_link(person=person, by=SYSTEM, at=clock.now())}/"


@user_command.command()
@click.option("--name", required=True, help="Name of the person.")
@click.option("--email", required=True, help="E-mail; it is the login name.")
@click.option(
    "--role",
    default="cashier",
    show_default=True,
    type=click.Choice(["owner", "manager", "marketer", "agent", "cashier", "analyst"]),
    help="Duties.",
)
@click.option("--owner", is_flag=True, help="Same as --role owner.")
@json_option
def add(name: str, email: str, role: str, owner: bool, as_json: bool) -> None:
    """Open an account and print a one-time link to sign in with."""
    from setia.domains.staff import actions
    from setia.domains.staff.rules import Role
    from setia.foundation import clock
    from setia.foundation.actors import SYSTEM

    try:
        duties = Role.OWNER if owner else Role(role)
        person = actions.add_staff(email=email, name=name, role=duties, by=SYSTEM, at=clock.now())
    except actions.UnableToChangeStaff:
        raise Failure(f"{email} has an account already; `setia user link {email}` lets them in.") from None
    link = _link(person)
    if as_json:
        print_json({"id": str(person.id), "role": person.role, "link": link})
    else:
        click.echo(f"{name} is {person.role} now. Sign in once, within 12 hours:\n  {link}")


@user_command.command()
@click.argument("email")
def link(email: str) -> None:
    """Print a fresh one-time link for somebody."""
    click.echo(_link(_person(email)))


@user_command.command(name="list")
@json_option
def list_users(as_json: bool) -> None:
    """Show everybody who has an account."""
    from setia.domains.staff.queries import everybody

    rows = [{"email": p.email, "name": p.name, "role": p.role, "active": p.is_active} for p in everybody()]
    if as_json:
        print_json({"users": rows})
        return
    for row in rows:
        click.echo(f"{row['role']:9} {row['email']:32} {row['name']}{'' if row['active'] else '  (suspended)'}")


@user_command.command()
@click.argument("email")
def suspend(email: str) -> None:
    """Close an account and end its sessions at once."""
    from setia.domains.staff import actions
    from setia.foundation import clock
    from setia.foundation.actors import SYSTEM

    try:
        actions.suspend(person=_person(email), by=SYSTEM, at=clock.now())
    except actions.UnableToChangeStaff:
        raise Failure("The shop needs at least one owner; make somebody else an owner first.") from None
    click.echo(f"{email} can no longer sign in.")


@user_command.command(name="reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take away somebody's second factor after a lost phone; he adds a new one at the next sign-in."""
    from setia.domains.staff.actions import remove_second_factor
    from setia.foundation import clock
    from setia.foundation.actors import SYSTEM

    remove_second_factor(person=_person(email), by=SYSTEM, at=clock.now())
    click.echo(f"{email} has no second factor now.")


@click.group(name="shop")
def shop_command() -> None:
    """See and change the shop's profile."""
    start_django()


@shop_command.command()
@json_option
def show(as_json: bool) -> None:
    """Show the profile."""
    from setia.domains.shop.queries import the_shop

    shop = the_shop()
    values = {
        "name": shop.name,
        "currency": shop.currency_code,
        "zone": shop.zone_name,
        "cutoff_hour": shop.cutoff_hour,
    }
    if as_json:
        print_json(values)
    else:
        for name, value in values.items():
            click.echo(f"  {name:12} {value}")


@shop_command.command(name="set")
@click.option("--name", help="Name of the shop.")
@click.option("--zone", "zone_name", type=click.Choice(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"]))
@click.option("--cutoff-hour", type=click.IntRange(0, 23), help="Hour at which the business day begins.")
def set_profile(**given: object) -> None:
    """Change the profile."""
    from setia.domains.shop.actions import change_shop
    from setia.foundation import clock
    from setia.foundation.actors import SYSTEM

    changes = {name: value for name, value in given.items() if value is not None}
    change_shop(changes=changes, by=SYSTEM, at=clock.now())
    click.echo("Saved.")
