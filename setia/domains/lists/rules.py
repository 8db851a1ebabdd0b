"""Pure decisions of lists: what of a page's address a view keeps."""

from urllib.parse import parse_qsl, urlencode

# What belongs to one look at a list and not to the list: the page, the words searched for (which may be a phone
# number), the view itself.
_NOT_KEPT = {"cursor", "q", "view", "once"}
LONGEST_QUERY = 1000


def clean_query(query: str) -> str:
    """Return the part of a query string that a view keeps, in its order; empty values are left out."""
    pairs = parse_qsl(query.lstrip("?").replace("\x00", ""), keep_blank_values=False, max_num_fields=None)
    kept: list[tuple[str, str]] = []
    for name, value in pairs:
        if name not in _NOT_KEPT and len(urlencode([*kept, (name, value)])) <= LONGEST_QUERY:
            kept.append((name, value))
    return urlencode(kept)


def same_list(one: str, other: str) -> bool:
    """Tell whether two query strings ask for the same list."""
    return sorted(parse_qsl(clean_query(one))) == sorted(parse_qsl(clean_query(other)))
