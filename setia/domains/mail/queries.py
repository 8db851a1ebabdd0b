"""Questions about letters."""

from setia.domains.mail.models import Letter, LetterState
from setia.foundation.paging import Key, Page, key_page


def letter_page(*, cursor: str, size: int) -> Page[Letter]:
    """Return one page of letters, the last written first."""
    return key_page(Letter.objects.select_related("staff"), keys=(Key("made_at"), Key("id")), cursor=cursor, size=size)


def letter_counts() -> dict[str, int]:
    """Return how many letters wait or have failed."""
    return {
        "waiting": Letter.objects.filter(state__in=(LetterState.WAITING, LetterState.SENDING)).count(),
        "failed": Letter.objects.filter(state=LetterState.FAILED).count(),
    }
