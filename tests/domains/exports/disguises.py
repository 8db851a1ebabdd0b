"""Eighteen ways to make a formula look like a text, and what a spreadsheet would run all the same."""

DISGUISES = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u200b=1", "\ufeff=1", "＝1"),
    *("\x00=1", '"=1', "=cmd|' /C calc'!A0", 'DDE("cmd")', "%0A=1", ";=1"),
]
_SKIPPED = ' \u00a0\u200b\ufeff";\t\r\n'


def runs(cell: str) -> bool:
    """Tell whether a spreadsheet could take a cell for a formula."""
    plain = cell.removeprefix("%0A").lstrip(_SKIPPED)
    is_number = plain.lstrip("+-").replace(".", "").isdigit() and plain[:1].isdigit()
    return not is_number and (plain[:1] in ("=", "+", "-", "@", "＝") or plain.upper().startswith("DDE("))
