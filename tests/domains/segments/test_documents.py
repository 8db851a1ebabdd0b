"""What the documents say of fields is what the table of fields says."""

from pathlib import Path

from setia.domains.segments.rules.fields import CONSENT_WORDS, FIELDS, FILTERS, LIFECYCLE_WORDS, RFM_WORDS, Field, Kind

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "segments.md"
_FILTER_WORDS = {name: word for word, name in FILTERS.items()}
_HOLDS = {
    Kind.NUMBER: "number", Kind.MONEY: "amount", Kind.DAYS: "days", Kind.SHARE: "share", Kind.TEXT: "words",
    Kind.TEXTS: "words", Kind.NAMES: "names",
}  # fmt: skip


def line(field: Field) -> str:
    """Return a field's line of the document."""
    holds = ", ".join(f"`{word}`" for word in field.choices.values()) if field.choices else _HOLDS[field.kind]
    narrowed = [*(["days"] if field.is_windowed else []), *(_FILTER_WORDS[name] for name in field.where)]
    return f"| `{field.word}` | `{field.name}` | {holds} | {', '.join(narrowed) or '–'} |"


def test_every_field_stands_in_the_document_as_it_is() -> None:
    text = DOCUMENT.read_text()
    assert [each.name for each in FIELDS if line(each) not in text] == []
    assert sum(row.startswith("| `") for row in text.splitlines()) == len(FIELDS)


def test_the_words_of_choices_are_told_apart() -> None:
    for words in (RFM_WORDS, CONSENT_WORDS, LIFECYCLE_WORDS):
        assert len(set(words.values())) == len(words)
