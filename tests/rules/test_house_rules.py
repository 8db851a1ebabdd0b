"""The house rules, each a function from a source text to its breaches.

Each is shown a text it must refuse and one it must let pass, and then the whole tree; a rule that cannot fail is none.
"""

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Rule = Callable[[str], list[str]]

LONGEST_FUNCTION = 60
LONGEST_MODULE = 500
SHORTEST_DECISION, LONGEST_DECISION = 100, 330

# Screens, member screens, API, vendors and the command line: they call verbs and never write rows themselves.
DOORS = ("console", "portal", "api", "integrations", "cli")
VAGUE_NAME = re.compile(r"(?:.*_)?(?:utils?|helpers?|common|managers?)")
UNNUMBERED_TODO = re.compile(r"\b(?:TODO|FIXME)\b(?!.*#\d)")
WORKPLACE_PATH = re.compile(r"(?<![\w.:/-])/(?:home|root|tmp|Users|work)(?:/|$)")
TEMPLATE_SYNTAX = re.compile(r"{%\s*comment\b.*?{%\s*endcomment\s*%}|{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
DECISION_NAME = re.compile(r"\d{4}-[a-z0-9]+(?:-[a-z0-9]+)*\.md")

# A name that only querysets and managers have is a write wherever it stands.
QUERYSET_WRITES = {"bulk_create", "bulk_update", "get_or_create", "update_or_create"}
QUERYSET_STEPS = {
    *("all", "alias", "annotate", "distinct", "exclude", "filter", "get_queryset", "order_by"),
    *("prefetch_related", "select_for_update", "select_related", "using"),
}
CLOCKS = {
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today"),
    *("time.time", "time.time_ns", "django.utils.timezone.now"),
}
# These read the clock only when they are given no moment to convert.
CLOCKS_WITHOUT_ARGUMENT = {"django.utils.timezone.localdate", "django.utils.timezone.localtime"}


def long_functions(source: str) -> list[str]:
    """Refuse a function of more than 60 lines, its docstring included."""
    return [
        f"{node.lineno}: {node.name} has {length} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]


def long_module(source: str) -> list[str]:
    """Refuse a module of more than 500 lines."""
    length = len(source.splitlines())
    return [f"1: the module has {length} lines"] if length > LONGEST_MODULE else []


def undocumented_module(source: str) -> list[str]:
    """Refuse a module with code but without a docstring."""
    tree = ast.parse(source)
    return ["1: the module has no docstring"] if tree.body and not ast.get_docstring(tree) else []


def loose_verbs(source: str) -> list[str]:
    """Refuse a public verb that takes positional arguments, or lacks an annotation or a docstring."""
    found = []
    for node in ast.parse(source).body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        arguments = node.args
        if arguments.posonlyargs or arguments.args or arguments.vararg:
            found.append(f"{node.lineno}: {node.name} takes positional arguments")
        named = [*arguments.kwonlyargs, *([arguments.kwarg] if arguments.kwarg else [])]
        found += [f"{node.lineno}: {node.name}({each.arg}) has no type" for each in named if each.annotation is None]
        if node.returns is None:
            found.append(f"{node.lineno}: {node.name} has no return type")
        if not ast.get_docstring(node):
            found.append(f"{node.lineno}: {node.name} has no docstring")
    return found


def chain(node: ast.expr) -> list[str]:
    """Return the names of a dotted expression from left to right, "()" for each call on the way."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [*chain(node.value), node.attr]
    if isinstance(node, ast.Call):
        return [*chain(node.func), "()"]
    if isinstance(node, ast.Subscript):
        return chain(node.value)
    return ["?"]


def is_queryset(names: list[str], querysets: set[str]) -> bool:
    """Tell whether this chain can only be a queryset: it has `.objects`, a queryset's step, or is known as one."""
    steps = {name for name, following in pairwise(names) if following == "()"}
    return "objects" in names or bool(steps & QUERYSET_STEPS) or (len(names) == 1 and names[0] in querysets)


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Return what each imported name stands for: {"timezone": "django.utils.timezone"}."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            # `import a.b` binds a, `import a.b as c` binds c to a.b.
            for item in node.names:
                names[item.asname or item.name.split(".")[0]] = item.name if item.asname else item.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            names |= {item.asname or item.name: f"{node.module or '.'}.{item.name}" for item in node.names}
    return names


def door_writes(source: str) -> list[str]:
    """Refuse a call that writes rows.

    Without types a row and a dict look alike, so this goes by what only one of them is called with:
    - `bulk_create` and its kin: always, since nothing else has them;
    - `.save(…)` and `.delete(…)` without positional arguments: rows and querysets. A workbook, a storage, a cache or
      an HTTP client names its file or key first. `session.save()` is let through.
    - `.create(…)` with keywords only, or on a queryset;
    - `.update(…)` on what is visibly a queryset: `.objects` or a step such as `.filter()` in the chain, or a name
      that was given such a chain. `form.cleaned_data.update(…)` and other dicts never are. (Accepted: the related
      manager in `member.notes.update(…)` slips through; it cannot be told from a dict.)
    A lower-case name that was imported is a module of verbs: `points.create(by=…)` is what a door is there to do.
    """
    tree = ast.parse(source)
    modules = {name for name in imported_names(tree) if name.islower()}
    querysets = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and is_queryset(chain(node.value), set())
        for target in node.targets
        if isinstance(target, ast.Name) and chain(node.value)[-1] == "()"
    }
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        verb, receiver = node.func.attr, chain(node.func.value)
        # Django's asynchronous twins: asave, acreate, abulk_create.
        verb = verb[1:] if verb[1:] in {*QUERYSET_WRITES, "save", "delete", "create", "update"} else verb
        on_queryset = is_queryset(receiver, querysets)
        is_verb_module = receiver[0] in modules and "()" not in receiver and "".join(receiver).islower()
        if is_verb_module and not on_queryset and verb not in QUERYSET_WRITES:
            continue
        is_write = (
            verb in QUERYSET_WRITES
            or (verb in {"save", "delete"} and not node.args and receiver[-1] != "session")
            or (verb == "create" and (on_queryset or (not node.args and bool(node.keywords))))
            or (verb == "update" and on_queryset)
        )
        if is_write:
            found.append(f"{node.lineno}: {'.'.join(receiver)}.{node.func.attr}() writes")
    return found


def clocks_and_dice(source: str) -> list[str]:
    """Refuse reading the clock, also as a field's default, and the functions of `random` with their shared state."""
    tree = ast.parse(source)
    imported = imported_names(tree)

    def meaning(node: ast.AST) -> str:
        if isinstance(node, ast.Name):
            return imported.get(node.id, "")
        if isinstance(node, ast.Attribute):
            return f"{meaning(node.value)}.{node.attr}"
        return ""

    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    converting = {id(call.func) for call in calls if call.args or call.keywords}
    found = []
    for node in ast.walk(tree):
        name = meaning(node)
        is_clock = name in CLOCKS or (name in CLOCKS_WITHOUT_ARGUMENT and id(node) not in converting)
        # random.Random(seed) is an object of one's own, and SystemRandom has no state.
        if is_clock or re.fullmatch(r"random\.[a-z]\w*", name):
            found.append(f"{getattr(node, 'lineno', 0)}: {name}")
    return found


def workplace_paths(source: str) -> list[str]:
    """Refuse a text that names a folder of the machine it was written on."""
    return [
        f"{node.lineno}: {node.value!r}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and WORKPLACE_PATH.search(node.value)
    ]


def unnumbered_todos(source: str) -> list[str]:
    """Refuse a TODO or FIXME in a Python comment without an issue number (`#12`) after it."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = [token for token in tokens if token.type == tokenize.COMMENT]
    return [f"{token.start[0]}: {token.string}" for token in comments if UNNUMBERED_TODO.search(token.string)]


def unnumbered_todo_lines(source: str) -> list[str]:
    """Refuse the same anywhere in a template, a style sheet or a script."""
    lines = enumerate(source.splitlines(), start=1)
    return [f"{number}: {line.strip()}" for number, line in lines if UNNUMBERED_TODO.search(line)]


class InlineCode(HTMLParser):
    """Collects what a strict Content-Security-Policy would block, or what would make us loosen it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        line = self.getpos()[0]
        if tag == "script" and "src" not in values and values.get("type", "").lower() != "application/json":
            self.found.append(f"{line}: <script> without src")
        for name, value in values.items():
            if name == "style":
                self.found.append(f"{line}: style attribute")
            if re.fullmatch(r"on[a-z]+|(?:data-)?hx-on.*", name):
                self.found.append(f"{line}: {name} attribute")
            # A title may begin with "JavaScript:"; only what is fetched, or read by htmx, can run.
            is_run = name in {"href", "src", "action", "formaction", "data", "xlink:href"} or name.startswith("hx-")
            if is_run and re.match(r"\s*(?:javascript|js)\s*:", value, re.IGNORECASE):
                self.found.append(f"{line}: script in the {name} attribute")


def inline_code(source: str) -> list[str]:
    """Refuse inline styles and scripts, event attributes and script addresses in a template."""
    parser = InlineCode()
    # Django's tags are taken out because the quotes in {% url "x" %} would end the attribute they stand in.
    parser.feed(TEMPLATE_SYNTAX.sub(lambda match: "\n" * match[0].count("\n"), source))
    parser.close()
    return parser.found


def vague_names(path: str) -> list[str]:
    """Refuse a module or package whose name says nothing of what it holds."""
    parts = [Path(part).stem for part in Path(path).parts]
    return [f"1: {part} is not a name" for part in parts if VAGUE_NAME.fullmatch(part)]


def unexplained_dependencies(source: str) -> list[str]:
    """Refuse a dependency whose line in pyproject.toml has no comment that says what it is for."""
    project = tomllib.loads(source)["project"]
    groups = [project.get("dependencies", []), *project.get("optional-dependencies", {}).values()]
    lines = [line.strip() for line in source.splitlines()]
    return [
        f"1: {name} has no reason"
        for name in [name for group in groups for name in group]
        if not any(line.startswith(f'"{name}"') and re.search(r"#\s*\w", line) for line in lines)
    ]


def shapeless_decision(name: str, text: str) -> list[str]:
    """Refuse a decision with a name out of order, or too short or too long to be read."""
    found = [] if DECISION_NAME.fullmatch(name) else ["1: the name is not NNNN-title-as-sentence.md"]
    count = len(text.split())
    if not SHORTEST_DECISION <= count <= LONGEST_DECISION:
        found.append(f"1: {count} words, not {SHORTEST_DECISION} to {LONGEST_DECISION}")
    return found


VERB = "def award(*, amount: int) -> None:\n    '''Give points.'''\n"
REFUSED: list[tuple[Rule, str]] = [
    (long_functions, "def f():\n" + "    x = 1\n" * 60),
    (long_functions, "class C:\n    async def f(self):\n" + "        x = 1\n" * 60),
    (long_module, "x = 1\n" * 501),
    (undocumented_module, "x = 1\n"),
    (loose_verbs, VERB.replace("*, ", "")),
    (loose_verbs, VERB.replace("*, ", "*rest: int, ")),
    (loose_verbs, VERB.replace("*, amount: int", "amount: int, /")),
    (loose_verbs, VERB.replace(": int", "")),
    (loose_verbs, VERB.replace("amount: int", "amount: int, **rest")),
    (loose_verbs, VERB.replace(" -> None", "")),
    (loose_verbs, VERB.replace("'''Give points.'''", "pass")),
    (loose_verbs, "async " + VERB.replace("*, ", "")),
    (door_writes, "member.save()"),
    (door_writes, "member.save(update_fields=['name'])"),
    (door_writes, "form.save()"),
    (door_writes, "member.notes.create(text='x')"),
    (door_writes, "Member.objects.create()"),
    (door_writes, "from setia.domains.customers.models import Member\nMember.objects.create(name='x')"),
    (door_writes, "member.delete()"),
    (door_writes, "Member.objects.filter(pk=1).delete()"),
    (door_writes, "Member.objects.filter(pk=1).update(name='x')"),
    (door_writes, "shop.members.exclude(pk=1).order_by('pk').update(name='x')"),
    (door_writes, "rows = shop.members.filter(pk=1)\nrows.update(name='x')"),
    (door_writes, "from setia.domains.customers import queries\nqueries.members().filter(pk=1).update(name='x')"),
    (door_writes, "from setia.domains.customers import queries\nqueries.member(pk=1).delete()"),
    (door_writes, "shop.members.bulk_create(rows)"),
    (door_writes, "Member.objects.get_or_create(name='x')"),
    (door_writes, "async def view():\n    await member.asave()"),
    (clocks_and_dice, "from datetime import datetime\ndatetime.now(UTC)"),
    (clocks_and_dice, "import datetime\ndatetime.datetime.utcnow()"),
    (clocks_and_dice, "import datetime as dt\ndt.date.today()"),
    (clocks_and_dice, "from datetime import date as day\nday.today()"),
    (clocks_and_dice, "import time\ntime.time()"),
    (clocks_and_dice, "from time import time\ntime()"),
    (clocks_and_dice, "from django.utils import timezone\ntimezone.now()"),
    (clocks_and_dice, "from django.utils import timezone\nDateTimeField(default=timezone.now)"),
    (clocks_and_dice, "from django.utils.timezone import now as present\npresent()"),
    (clocks_and_dice, "from django.utils.timezone import localdate\nlocaldate()"),
    (clocks_and_dice, "from django.utils import timezone\nDateField(default=timezone.localdate)"),
    (clocks_and_dice, "import random\nrandom.choice(x)"),
    (clocks_and_dice, "from random import randint\nrandint(1, 2)"),
    (workplace_paths, "x = '/home/sari/setia'"),
    (workplace_paths, "x = f'/tmp/{name}'"),
    (workplace_paths, "x = b or '/tmp'"),
    (unnumbered_todos, "x = 1  # TODO: later"),
    (unnumbered_todos, "# FIXME 12"),
    (unnumbered_todo_lines, "<p>{# TODO later #}</p>"),
    (inline_code, "<p style='color: red'>"),
    (inline_code, '<p {% if x %}style="color: red"{% endif %}>'),
    (inline_code, '<p STYLE="width: {{ width }}%">'),
    (inline_code, "<script>alert(1)</script>"),
    (inline_code, '<script type="module">alert(1)</script>'),
    (inline_code, '<button onclick="go()">'),
    (inline_code, '<body class="{% url "x" %}" onload="go()">'),
    (inline_code, '<form hx-on:click="go()">'),
    (inline_code, '<form hx-on--after-request="go()">'),
    (inline_code, '<a href=" JavaScript:go()">'),
    (inline_code, "<a hx-vals='js:{a: b}'>"),
    (vague_names, "setia/foundation/utils.py"),
    (vague_names, "setia/helpers/dates.py"),
    (vague_names, "setia/domains/shop/date_utils.py"),
    (vague_names, "tools/common.py"),
    (vague_names, "setia/domains/shop/managers.py"),
    (unexplained_dependencies, '[project]\ndependencies = [\n  "Django>=5",\n]'),
    (
        unexplained_dependencies,
        '[project]\ndependencies = []\n[project.optional-dependencies]\ndev = [\n  "ruff", #\n]',
    ),
    (lambda text: shapeless_decision("0001-a-title.md", text), "word " * 99),
    (lambda text: shapeless_decision("0001-a-title.md", text), "word " * 331),
    (lambda text: shapeless_decision("1-a-title.md", text), "word " * 200),
    (lambda text: shapeless_decision("0001-A_Title.md", text), "word " * 200),
]
ACCEPTED: list[tuple[Rule, str]] = [
    (long_functions, "@decorator\ndef f():\n" + "    x = 1\n" * 59),
    (long_module, "x = 1\n" * 500),
    (undocumented_module, "'''Rows of a shop.'''\nx = 1\n"),
    (undocumented_module, ""),
    (loose_verbs, VERB),
    (loose_verbs, "def _inner(a): ...\nclass UnableToAward(Exception): ...\n"),
    (door_writes, "form.cleaned_data.update(name='x')"),
    (door_writes, "context.update({'a': 1})\n{}.update(a=1)\ndict(a=1).update(b=2)\nself.state.update(a=1)"),
    (door_writes, "rows = list(shop.members.filter(pk=1))\nseen.update(name='x')"),
    (door_writes, "workbook.save(stream)\nstorage.save('a.png', content)\ncache.delete('key')\nclient.delete('/x')"),
    (door_writes, "request.session.save()\nresponse.delete_cookie('x')\nset.add(1)"),
    (door_writes, "from setia.domains.customers import actions\nactions.create(name='x', by=actor)"),
    (door_writes, "from setia.domains.points import actions as points\npoints.delete(entry=entry, by=actor)"),
    (door_writes, "import setia.domains.shop.actions\nsetia.domains.shop.actions.update(name='x')"),
    (clocks_and_dice, "from datetime import datetime\ndatetime.fromtimestamp(0, UTC)\nself.now()\nat.date()"),
    (clocks_and_dice, "from django.utils import timezone\ntimezone.localdate(at, zone)\ntimezone.localtime(value=at)"),
    (clocks_and_dice, "import random\nrandom.Random(7).choice(x)\nrandom.SystemRandom()"),
    (clocks_and_dice, "from django.db.models.functions import Now\nNow()"),
    (workplace_paths, "x = 'https://example.com/kerja/'\ny = 'data/tmp/'\nz = 'network/temporary'"),
    (unnumbered_todos, "# TODO(#12): later\nx = 'TODO'"),
    (unnumbered_todo_lines, "{# TODO #12 later #}"),
    (inline_code, '<script src="{% static "htmx.js" %}" defer></script>'),
    (inline_code, '<script type="application/json" id="x">{"onclick": 1}</script>'),
    (inline_code, '<p class="style" data-on="x" title="JavaScript: on">{% include "x" with style="a" %}</p>'),
    (inline_code, '{# <p style="x"> #}{% comment "why" %}<p onclick="x">{% endcomment %}'),
    (vague_names, "setia/foundation/money.py"),
    (vague_names, "setia/domains/commons/commonplace.py"),
    (unexplained_dependencies, '[project]\ndependencies = [\n  "Django>=5",  # the web framework\n]'),
    (lambda text: shapeless_decision("0001-points-are-a-ledger.md", text), "word " * 100),
    (lambda text: shapeless_decision("0001-points-are-a-ledger.md", text), "word " * 330),
]


def files(pattern: str, *folders: str) -> list[Path]:
    """Return the files of these folders that people wrote: no migrations, no packages of others."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob(pattern))]
    return [path for path in paths if not {"migrations", "vendor", "node_modules"} & set(path.relative_to(ROOT).parts)]


def domain_files(*kinds: str) -> Iterator[Path]:
    """Yield the modules of each domain that have one of these words: `actions.py` or `actions/<noun>.py`."""
    for domain in sorted((ROOT / "setia" / "domains").glob("*/")):
        for kind in kinds:
            yield from domain.glob(f"{kind}.py")
            yield from sorted(domain.glob(f"{kind}/**/*.py"))


def breaches(rule: Rule, paths: Iterable[Path]) -> list[str]:
    """Return every breach of this rule in these files, as path:line: what."""
    return [f"{path.relative_to(ROOT)}:{found}" for path in paths for found in rule(path.read_text("utf-8"))]


CODE = files("*.py", "setia", "bench", "tools")
TREE: list[tuple[Rule, list[Path]]] = [
    (long_functions, CODE),
    (long_module, CODE),
    (undocumented_module, list(domain_files("models", "actions", "queries", "rules"))),
    (loose_verbs, list(domain_files("actions*"))),
    (door_writes, files("*.py", *(f"setia/{door}" for door in DOORS))),
    (clocks_and_dice, files("*.py", "setia/domains")),
    (workplace_paths, files("*.py", "setia")),
    (unnumbered_todos, files("*.py", "setia", "bench", "tools", "tests")),
    (unnumbered_todo_lines, [path for ext in ("html", "css", "js") for path in files(f"*.{ext}", "setia")]),
    (inline_code, files("*.html", "setia")),
    (unexplained_dependencies, [ROOT / "pyproject.toml"]),
]


@pytest.mark.parametrize(("rule", "source"), REFUSED)
def test_rule_refuses(rule: Rule, source: str) -> None:
    assert len(rule(source)) == 1


@pytest.mark.parametrize(("rule", "source"), ACCEPTED)
def test_rule_accepts(rule: Rule, source: str) -> None:
    assert rule(source) == []


@pytest.mark.parametrize(("rule", "paths"), TREE, ids=[rule.__name__ for rule, _ in TREE])
def test_tree_keeps_rule(rule: Rule, paths: list[Path]) -> None:
    assert breaches(rule, paths) == []


def test_every_module_has_a_telling_name() -> None:
    assert [found for path in CODE for found in vague_names(str(path.relative_to(ROOT)))] == []


def test_decisions_are_numbered_once_and_short_enough_to_be_read() -> None:
    paths = sorted((ROOT / "docs" / "decisions").glob("*"))
    texts = [(path.name, path.read_text("utf-8")) for path in paths]
    assert [f"{name}:{found}" for name, text in texts for found in shapeless_decision(name, text)] == []
    numbers = [path.name[:4] for path in paths]
    assert [number for number in numbers if numbers.count(number) > 1] == []


def test_rules_see_the_tree() -> None:
    assert ROOT / "setia" / "foundation" / "http.py" in CODE
    assert len(CODE) > 10
