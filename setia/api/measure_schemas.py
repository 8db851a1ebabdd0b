"""What calls about the customer index give: measures over time, and cohorts."""

from pydantic import BaseModel, ConfigDict, Field


class _Stand(BaseModel):
    measured_at: str | None
    today: str | None
    currency: str
    active_days: int
    lost_days: int
    industry: str
    band_set: str


class MeasurePeriodOut(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    from_: str = Field(alias="from")
    until: str
    value: float | None
    numerator: float | None
    denominator: float | None
    population: int
    interval: list[float] | None
    why: str | None
    band: str | None
    is_running: bool


class _Described(BaseModel):
    name: str
    unit: str
    more_is_better: bool | None
    source: str


class MeasureOut(_Described, MeasurePeriodOut):
    pass


class MeasureList(_Stand):
    data: list[MeasureOut]


class MeasureHistory(_Stand, _Described):
    grain: str
    data: list[MeasurePeriodOut]


class CohortCellOut(BaseModel):
    cohort: str
    offset: int
    people: int
    orders: int
    revenue: int
    is_running: bool


class CohortList(_Stand):
    grain: str
    data: list[CohortCellOut]
