"""Keeps the Indonesian catalogue in step with the texts in the code; needs no gettext programs.

    python tools/catalogue.py compile          every .po becomes the .mo that Django reads
    python tools/catalogue.py update           new texts into django.po, vanished ones out, translations kept
    python tools/catalogue.py check            exits 1 with a list of what is missing, stale or mistranslated
    python tools/catalogue.py missing --json   the untranslated texts, as an object to fill in
    python tools/catalogue.py fill FILE.json   writes such an object's translations into django.po

In JSON a text with a plural is "singular\\u0000plural", one with a context "context\\u0004text". English stands in the
code, so it has no catalogue; texts that Django and allauth bring are translated by themselves and are not ours.
"""

import argparse
import ast
import io
import json
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = "setia/locale/id/LC_MESSAGES/django.po"
# Written by hand and not by Babel, whose header holds today's date: two branches would then always conflict.
HEADER = r"""msgid ""
msgstr ""
"Language: id\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=1; plural=0;\n"

"""

# What each argument of a marking function is, in order: c is the context, s the (singular) text, p the plural.
MARKERS = {
    "_": "s",
    "N_": "s",
    "gettext": "s",
    "gettext_lazy": "s",
    "gettext_noop": "s",
    "ngettext": "sp",
    "ngettext_lazy": "sp",
    "pgettext": "cs",
    "pgettext_lazy": "cs",
    "npgettext": "csp",
    "npgettext_lazy": "csp",
}
LITERAL = r"""u?(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
TEMPLATE_CALL = re.compile(rf"(?<![\w.])(n?p?gettext|_)\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)", re.DOTALL)
LITERALS = re.compile(LITERAL, re.DOTALL)
BRACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
# A space flag ("% d") is left out on purpose: in "50% dari harga" it is a percentage.
PERCENT = re.compile(r"%%|%\(([^)]*)\)[-+0#]*\d*(?:\.\d+)?[a-zA-Z]|%[-+0#]*\d*(?:\.\d+)?[sdifrx]")


class Key(NamedTuple):
    """What identifies a text; context and plural are "" where there is none."""

    context: str
    singular: str
    plural: str

    def as_json(self) -> str:
        """Return the name this text has in the JSON of `missing` and `fill`."""
        context = f"{self.context}\x04" if self.context else ""
        return context + self.singular + (f"\x00{self.plural}" if self.plural else "")

    def __str__(self) -> str:
        """Return the text as a line of a report."""
        context = f" (context {self.context!r})" if self.context else ""
        return json.dumps(self.singular, ensure_ascii=False) + context


@dataclass
class Sources:
    """All texts of the code with the files they stand in, and what could not be read."""

    files: dict[Key, set[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, name: str, kinds: str, values: Iterable[str]) -> None:
        """Record one text; `kinds` says which value is what, as in MARKERS."""
        part = dict(zip(kinds, values, strict=False))
        key = Key(part.get("c", ""), part["s"], part.get("p", ""))
        if not key.singular.strip():
            # gettext("") returns the header of the catalogue.
            self.faults.append(f"{name}: an empty text is marked for translation")
        else:
            self.files.setdefault(key, set()).add(name)


@dataclass
class Entry:
    """One translation as it stands in the catalogue."""

    translation: str = ""
    is_fuzzy: bool = False
    comments: list[str] = field(default_factory=list)


def scan(root: Path) -> Sources:
    """Return every text marked for translation under setia/."""
    sources = Sources()
    for path in sorted((root / "setia").rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix == ".py":
            scan_python(path.read_text("utf-8"), name, sources)
        elif path.suffix in {".html", ".txt"}:
            scan_template(path.read_text("utf-8"), name, sources)
    merge_plurals(sources)
    return sources


def scan_python(source: str, name: str, sources: Sources) -> None:
    """Add the texts of one Python module."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        sources.faults.append(f"{name}:{error.lineno}: cannot be read: {error.msg}")
        return
    markers = MARKERS | dict(aliases(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            kinds = kinds_of(node.func, markers)
            arguments = node.args[: len(kinds)]
            if kinds and len(arguments) == len(kinds):
                scan_call(kinds, arguments, f"{name}:{node.lineno}", sources)


def kinds_of(function: ast.expr, markers: dict[str, str]) -> str:
    """Return what the arguments of this function are, as in MARKERS, or "" when it marks nothing."""
    if isinstance(function, ast.Name):
        return markers.get(function.id, "")
    # `translation.gettext(…)`; but `something._(…)` is anybody's method.
    if isinstance(function, ast.Attribute) and function.attr not in {"_", "N_"}:
        return MARKERS.get(function.attr, "")
    return ""


def scan_call(kinds: str, arguments: list[ast.expr], place: str, sources: Sources) -> None:
    """Add the text of one call, or a fault where its text is built while the program runs."""
    values = [node.value for node in arguments if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    if len(values) == len(kinds):
        sources.add(place.rpartition(":")[0], kinds, values)
    elif any(is_built(node) for node in arguments):
        sources.faults.append(f"{place}: a text built at run time is marked, which no catalogue can hold")
    # A variable is left alone: its value was marked with N_() where it was written.


def is_built(node: ast.expr) -> bool:
    """Tell whether this argument puts a text together; `_("a" if x else "b")` must be two calls of `_` as well."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    return isinstance(node, ast.JoinedStr | ast.BinOp | ast.IfExp | ast.BoolOp)


def aliases(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names under which Django's marking functions were imported here."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            yield from ((item.asname or item.name, MARKERS[item.name]) for item in node.names if item.name in MARKERS)


def scan_template(source: str, name: str, sources: Sources) -> None:
    """Add the texts of one Django template."""
    from django.utils.translation.template import templatize

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Django's remark on where a translator's comment stands.
            calls = templatize(source)
    except SyntaxError as error:
        sources.faults.append(f"{name}: {error.msg}")
        return
    for match in TEMPLATE_CALL.finditer(calls + "\n" + "\n".join(constants(source))):
        values = [str(ast.literal_eval(literal)) for literal in LITERALS.findall(match[2])]
        if match[1] == "_" and "%" in values[0]:
            # Django doubles the sign before it looks the text up, and shows it doubled.
            sources.faults.append(f'{name}: _("{values[0]}") holds a % sign; only {{% translate %}} can show one')
        sources.add(name, MARKERS[match[1]], values)


def constants(source: str) -> Iterator[str]:
    r"""Yield every _("…") of a template's expressions, as Python calls.

    Templatize finds most of them, but cuts a variable at "|" before it looks and so misses `{{ _("a|b") }}`, and takes
    none from the filters of a {% translate %}.
    """
    from django.template.base import Lexer, TokenType

    in_comment = False
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK and token.contents in {"comment", "endcomment"}:
            in_comment = token.contents == "comment"
        elif token.token_type in {TokenType.BLOCK, TokenType.VAR} and not in_comment:
            yield from (f"{match[0]})" for match in TEMPLATE_CALL.finditer(token.contents) if match[1] == "_")


def merge_plurals(sources: Sources) -> None:
    """Let a text that also has a plural somewhere be one entry, since gettext has one entry for a singular."""
    plurals: dict[tuple[str, str], Key] = {}
    for key in sorted(sources.files):
        if key.plural:
            other = plurals.setdefault(key[:2], key)
            if other != key:
                sources.faults.append(f"{key} has two plurals, {other.plural!r} and {key.plural!r}")
    for key in [key for key in sources.files if not key.plural and key[:2] in plurals]:
        sources.files[plurals[key[:2]]] |= sources.files.pop(key)


def read(path: Path) -> tuple[dict[Key, Entry], list[str]]:
    """Return the entries of a catalogue, and the texts that stand in it as obsolete comments."""
    if not path.exists():
        return {}, []
    with path.open("rb") as source:
        catalogue = read_po(source, locale="id", abort_invalid=True)
    entries = {}
    for message in catalogue:
        if message.id:
            identity = (message.id, "") if isinstance(message.id, str) else (message.id[0], message.id[1])
            strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
            key = Key(message.context or "", *identity)
            entries[key] = Entry("".join(strings[:1]), message.fuzzy, list(message.user_comments))
    return entries, [str(name) for name in catalogue.obsolete]


def write(path: Path, entries: dict[Key, Entry], files: dict[Key, set[str]]) -> None:
    """Write the catalogue in the order of its texts, so that a change shows as the lines it concerns."""
    # Read from our header and not made with a locale: Babel's own table gives Indonesian two plural forms.
    catalogue = read_po(io.BytesIO(HEADER.encode()), locale="id")
    for key in sorted(entries, key=lambda key: (key.singular, key.context)):
        entry = entries[key]
        message = catalogue.add(
            (key.singular, key.plural) if key.plural else key.singular,
            (entry.translation,) if key.plural else entry.translation,
            locations=[(name, 1) for name in sorted(files.get(key, ()))],
            user_comments=entry.comments,
            context=key.context or None,
        )
        # Babel adds its guess of a format, which differs from release to release; `check` compares for itself.
        message.flags = {"fuzzy"} if entry.is_fuzzy else set()
    body = io.BytesIO()
    write_po(body, catalogue, width=110, omit_header=True, include_lineno=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + body.getvalue().decode("utf-8").rstrip() + "\n", encoding="utf-8")


def placeholders(text: str) -> tuple[set[str], Counter[str]]:
    """Return the named placeholders, which a translation may repeat, and the nameless ones, which it may not."""
    named: set[str] = set()
    nameless: Counter[str] = Counter()
    for match in BRACE.finditer(text):
        if match[1] is not None:
            name = re.split("[!:]", match[1])[0]
            named |= {f"{{{name}}}"} if name else set()
            nameless.update([] if name else ["{}"])
    for match in PERCENT.finditer(text):
        if match[1] is not None:
            named.add(match[0])
        elif match[0] != "%%":
            nameless[match[0]] += 1
    return named, nameless


def mistakes(key: Key, translation: str) -> Iterator[str]:
    """Yield what would break, or show wrongly, if this translation were used."""
    source = key.plural or key.singular
    (wanted, wanted_count), (found, found_count) = placeholders(source), placeholders(translation)
    lost = sorted(wanted - found) + sorted((wanted_count - found_count).elements())
    invented = sorted(found - wanted) + sorted((found_count - wanted_count).elements())
    if lost:
        yield f"the translation lacks {', '.join(lost)}"
    if invented:
        yield f"the translation has {', '.join(invented)}, the text has not"
    if PERCENT.search(source) and "%" not in PERCENT.sub("", source) and "%" in PERCENT.sub("", translation):
        yield "the translation has a single % where %% is needed"


def check(root: Path) -> list[str]:
    """Return all faults of the catalogue, one line each; none when it is complete."""
    sources = scan(root)
    entries, obsolete = read(root / CATALOGUE)
    faults = list(sources.faults)
    for key, names in sorted(sources.files.items()):
        entry = entries.get(key)
        where = f"{key} in {', '.join(sorted(names))}"
        if entry is None:
            faults.append(f"missing: {where}")
        elif entry.is_fuzzy:
            faults.append(f"fuzzy: {where}")
        elif not entry.translation:
            faults.append(f"untranslated: {where}")
        else:
            faults += [f"{mistake}: {where}" for mistake in mistakes(key, entry.translation)]
    faults += [f"obsolete: {key}" for key in sorted(set(entries) - set(sources.files))]
    return faults + [f"obsolete: {json.dumps(text, ensure_ascii=False)}" for text in sorted(obsolete)]


def compile_all(root: Path) -> int:
    """Write the .mo beside each .po and return how many there were."""
    paths = sorted((root / "setia/locale").glob("*/LC_MESSAGES/*.po"))
    for path in paths:
        compiled = io.BytesIO()
        with path.open("rb") as source:
            write_mo(compiled, read_po(source, locale=path.parts[-3], abort_invalid=True))
        path.with_suffix(".mo").write_bytes(compiled.getvalue())
    return len(paths)


def merged(root: Path) -> tuple[dict[Key, Entry], Sources, int]:
    """Return the catalogue as `update` would write it, the texts of the code, and how many entries drop out."""
    sources = scan(root)
    entries, obsolete = read(root / CATALOGUE)
    gone = len(set(entries) - set(sources.files)) + len(obsolete)
    return {key: entries.get(key, Entry()) for key in sources.files}, sources, gone


def untranslated(entries: dict[Key, Entry]) -> list[Key]:
    """Return the texts without a usable translation, in the order of the catalogue."""
    return sorted(key for key, entry in entries.items() if entry.is_fuzzy or not entry.translation)


def update(root: Path) -> int:
    """Write the catalogue anew and say what changed."""
    entries, sources, gone = merged(root)
    write(root / CATALOGUE, entries, sources.files)
    print(f"{len(entries)} texts, {len(untranslated(entries))} untranslated, {gone} removed")
    return report(sources.faults)


def fill(root: Path, translations: object) -> int:
    """Write these translations into the catalogue; those that do not fit are listed and left out."""
    if not isinstance(translations, dict):
        return report(["the file must hold one JSON object of texts and translations"])
    entries, sources, _ = merged(root)
    keys = {key.as_json(): key for key in entries}
    refused = []
    for name, translation in translations.items():
        key = keys.get(name)
        if key is None:
            refused.append(f"not a text of the code: {json.dumps(name, ensure_ascii=False)}")
        elif not isinstance(translation, str) or not translation.strip():
            refused.append(f"no translation given: {key}")
        elif faults := list(mistakes(key, translation)):
            refused += [f"{fault}: {key}" for fault in faults]
        else:
            entries[key] = Entry(translation, comments=entries[key].comments)
    write(root / CATALOGUE, entries, sources.files)
    print(f"{len(entries)} texts, {len(untranslated(entries))} untranslated")
    return report(refused)


def report(faults: list[str]) -> int:
    """Print the faults, each once, and return the exit code they deserve."""
    for fault in dict.fromkeys(faults):
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder that holds setia/")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("compile", "update", "check"):
        commands.add_parser(name)
    commands.add_parser("missing").add_argument("--json", action="store_true")
    commands.add_parser("fill").add_argument("file", type=Path)
    chosen = parser.parse_args(arguments)
    match chosen.command:
        case "compile":
            compile_all(chosen.root)
            return 0
        case "update":
            return update(chosen.root)
        case "check":
            return report(check(chosen.root))
        case "missing":
            keys = untranslated(merged(chosen.root)[0])
            names = {key.as_json(): "" for key in keys}
            print(json.dumps(names, ensure_ascii=False, indent=1) if chosen.json else "\n".join(map(str, keys)))
            return 0
        case _:
            return fill(chosen.root, json.loads(chosen.file.read_text("utf-8")))


if __name__ == "__main__":
    sys.exit(main())
