"""How numbers are written in Indonesia: "1.250", "41,8%", "Rp 1,2 jt".

The minus is the typographic one (U+2212), as wide as a digit's plus sign, so that columns of figures line up.
"""

import math

_SWAP = str.maketrans(",.", ".,")
_STEPS = ((10**12, "T"), (10**9, "M"), (10**6, "jt"), (10**3, "rb"))


def _written(value: float, digits: int) -> str:
    text = f"{abs(value):,.{digits}f}" if digits else f"{abs(round(value)):,d}"
    if digits:
        text = text.rstrip("0").rstrip(".")
    return text.translate(_SWAP)


def _signed(value: float, text: str) -> str:
    # Rounding may leave nothing of a small negative; "−0" would be a puzzle, not a number.
    return f"−{text}" if value < 0 and text.strip("0,% Rp") else text


def thousands(value: float) -> str:
    """The number with dots between thousands and at most two decimals (three significant figures below one)."""
    if isinstance(value, int) or value == math.trunc(value):
        return _signed(value, _written(value, 0))
    digits = 2 if abs(value) >= 1 else min(12, 2 - math.floor(math.log10(abs(value))))
    return _signed(value, _written(value, digits))


def percent(share: float) -> str:
    """A share (0.418) as a percentage with at most one decimal ("41,8%")."""
    return _signed(share, f"{_written(share * 100, 1)}%")


def whole_percent(share: float) -> str:
    """A share (0.418) as a whole percentage ("42%"), but "<1%" where a real share would round away to nothing."""
    if 0 < share < 0.005:
        return "<1%"
    return _signed(share, f"{_written(share * 100, 0)}%")


def compact(value: float) -> str:
    """The number shortened to thousands (rb), millions (jt), billions (M) or trillions (T): 1_250_000 is "1,3 jt"."""
    size = abs(value)
    for unit, word in _STEPS:
        # 999_950 is written "1 jt", not "1.000 rb": the unit is chosen after the rounding it will suffer.
        if size >= unit * (0.9995 if unit > 1000 else 1):
            scaled = size / unit
            return _signed(value, f"{_written(scaled, 0 if scaled >= 99.95 else 1)} {word}")
    return _signed(value, _written(value, 0 if size >= 100 or value == math.trunc(value) else 1))


def rupiah(value: float) -> str:
    """Whole rupiah with dots: "Rp 1.250.000"."""
    return _signed(value, f"Rp {_written(value, 0)}")


def rupiah_compact(value: float) -> str:
    """Rupiah shortened for axes and tiles: "Rp 350 rb", "Rp 1,2 jt", "Rp 2,1 M"; below a thousand in full."""
    text = compact(abs(value)) if abs(value) >= 1000 else _written(value, 0)
    return _signed(value, f"Rp {text}")
