"""The kinds of values that calls are made of: what each may hold, said once for checking and for the OpenAPI."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.types import Strict
from pydantic_core import PydanticCustomError

from setia.domains.customers.rules import email_or_none, phone_or_none

LARGEST_MONEY = 10**12
LARGEST_QUANTITY = 1_000_000
LARGEST_ID = 2**63 - 1
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
NO_NUL = r"^[^\u0000]*$"  # PostgreSQL has no such character

_DATETIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class Given(BaseModel):
    """What a program sends: a field nobody knows is a mistake, not a secret wish."""

    model_config = ConfigDict(extra="forbid")


def wrong(code: str, **limit: object) -> PydanticCustomError:
    """Return an error with a code of ours."""
    return PydanticCustomError(code, "{limit}", {"limit": "", **limit})


def _refuse_blank(text: str) -> str:
    if not text.strip():
        raise wrong("blank")
    return text


def _moment_text(value: Any) -> Any:
    if not isinstance(value, str) or not _DATETIME.fullmatch(value):
        raise wrong("bad_datetime")
    return value.replace(" ", "+") if value.count(" ") and "T" in value else value


def _near_today(value: datetime) -> datetime:
    if not EARLIEST <= value < LATEST:
        raise wrong("out_of_range")
    return value.astimezone(UTC)


def _date_text(value: Any) -> Any:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise wrong("bad_date")
    return value


def _human_birthday(value: date) -> date:
    if not 1900 <= value.year < 2100:
        raise wrong("out_of_range")
    return value


def _no_truth(value: Any) -> Any:
    if isinstance(value, bool):
        raise wrong("wrong_type")
    return value


def _phone(text: str) -> str:
    number = phone_or_none(text)
    if number is None:
        raise wrong("bad_phone")
    return number


def _email(text: str) -> str:
    address = email_or_none(text)
    if address is None:
        raise wrong("bad_email")
    return address


Text120 = Annotated[str, Strict(), StringConstraints(max_length=120, pattern=NO_NUL)]
Text160 = Annotated[str, Strict(), StringConstraints(max_length=160, pattern=NO_NUL)]
Text20 = Annotated[str, Strict(), StringConstraints(max_length=20, pattern=NO_NUL)]
Text500 = Annotated[str, Strict(), StringConstraints(max_length=500, pattern=NO_NUL)]
Text64 = Annotated[str, Strict(), StringConstraints(max_length=64, pattern=NO_NUL)]
Text80 = Annotated[str, Strict(), StringConstraints(max_length=80, pattern=NO_NUL)]
RuleText = Annotated[str, Strict(), StringConstraints(min_length=1, max_length=5000, pattern=NO_NUL)]
Words200 = Annotated[
    str, Strict(), StringConstraints(min_length=1, max_length=200, pattern=NO_NUL), AfterValidator(_refuse_blank)
]
Words64 = Annotated[
    str, Strict(), StringConstraints(min_length=1, max_length=64, pattern=NO_NUL), AfterValidator(_refuse_blank)
]
ExternalId = Annotated[
    str,
    Strict(),
    StringConstraints(min_length=1, max_length=100, pattern=r"^[!-~]([ -~]*[!-~])?$"),
    Field(description="Your own identifier, unique in your program. Sent again, it means the same thing."),
]
MemberCode = Annotated[
    str,
    Strict(),
    StringConstraints(min_length=1, max_length=64, pattern=r"^[!-~]([ -~]*[!-~])?$"),
    Field(description="The number that the shop's own till gives the customer."),
]
Id = Annotated[str, Strict(), StringConstraints(pattern=r"^[1-9][0-9]{0,18}$")]
Money = Annotated[
    int,
    Strict(),
    Field(ge=0, le=LARGEST_MONEY, description="Whole smallest units of the shop's currency; rupiah for IDR."),
]
Quantity = Annotated[
    Decimal,
    BeforeValidator(_no_truth, json_schema_input_type=float | str),
    Field(gt=0, le=LARGEST_QUANTITY, decimal_places=3, description='A number, or a text like "0.250".'),
]
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_moment_text, json_schema_input_type=str),
    AfterValidator(_near_today),
    Field(
        description="With its zone: 2026-11-22T10:00:00+07:00.",
        json_schema_extra={"format": "date-time", "type": "string"},
    ),
]
BirthDate = Annotated[
    date,
    BeforeValidator(_date_text, json_schema_input_type=str),
    AfterValidator(_human_birthday),
    Field(json_schema_extra={"format": "date", "type": "string"}),
]
Phone = Annotated[
    str,
    Strict(),
    StringConstraints(max_length=40, pattern=NO_NUL),
    AfterValidator(_phone),
    Field(description="However people write it: 0812…, +62 812…."),
]
Email = Annotated[str, Strict(), StringConstraints(max_length=254, pattern=NO_NUL), AfterValidator(_email)]


def id_of(value: str) -> int | None:
    """Return the id a text holds, or None for what can be none."""
    plain = value.isascii() and value.isdecimal() and len(value) < 20
    return int(value) if plain and 0 < int(value) <= LARGEST_ID else None
