"""Why a rule cannot be."""


class BadRule(ValueError):
    """Raised with a code for a rule that cannot be: empty, deep, many, field, operator, value, days, filter, …

    `at` is where in a text it went wrong (0 from JSON), `found` what stood there, `expected` words that would do,
    `near` what may have been meant.
    """

    def __init__(
        self, code: str, *, at: int = 0, found: str = "", expected: tuple[str, ...] = (), near: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f"{code} at {at}: {found}")
        self.code, self.at, self.found, self.expected, self.near = code, at, found, expected, near
