"""The catalogue tool finds every marked text and refuses every way a catalogue can be wrong."""

import gettext
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest


def load_tool() -> ModuleType:
    """Import the tool by its path, since tools/ is no package."""
    path = Path(__file__).resolve().parents[2] / "tools" / "catalogue.py"
    spec = importlib.util.spec_from_file_location("setia_catalogue_tool", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their own module up
    spec.loader.exec_module(module)
    return module


tool = load_tool()


def found(root: Path, name: str, source: str) -> set[str]:
    """Return the JSON names of the texts that this one file holds."""
    path = root / "setia" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, "utf-8")
    sources = tool.scan(root)
    assert sources.faults == []
    return {key.as_json() for key in sources.files}


def catalogue(root: Path, body: str, *, source: str) -> Path:
    """Write a one-module tree with a catalogue of this body, and return the path of the catalogue."""
    path = root / str(tool.CATALOGUE)
    path.parent.mkdir(parents=True)
    path.write_text(tool.HEADER + body, "utf-8")
    (root / "setia" / "menu.py").write_text(source, "utf-8")
    return path


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("gettext('A')", {"A"}),
        ("gettext_lazy('A')", {"A"}),
        ("gettext_noop('A')", {"A"}),
        ("N_('A')", {"A"}),
        ("_('A')", {"A"}),
        ("_('A ' 'B')", {"A B"}),
        ("_('A') % _('B')", {"A", "B"}),
        ("ngettext('%d cup', '%d cups', n)", {"%d cup\0%d cups"}),
        ("ngettext_lazy('%d cup', '%d cups', 'n')", {"%d cup\0%d cups"}),
        ("pgettext('drink', 'A')", {"drink\x04A"}),
        ("pgettext_lazy('drink', 'A')", {"drink\x04A"}),
        ("npgettext('drink', 'cup', 'cups', n)", {"drink\x04cup\0cups"}),
        ("translation.gettext('A')", {"A"}),
        ("from django.utils.translation import gettext_lazy as text\ntext('A')", {"A"}),
        ("from django.utils.translation import pgettext_lazy as _\n_('drink', 'A')", {"drink\x04A"}),
        ("gettext(TEXTS[code])", set()),
        ("gettext(reason)", set()),
        ("row._('A')", set()),
        ("print('A')", set()),
        ("# _('A')", set()),
    ],
)
def test_python_construct(source: str, texts: set[str], tmp_path: Path) -> None:
    assert found(tmp_path, "menu.py", source) == texts


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('{% translate "A" %}', {"A"}),
        ("{% trans 'A' %}", {"A"}),
        ('{% translate "A" as title %}', {"A"}),
        ('{% translate "A" context "drink" %}', {"drink\x04A"}),
        ("{% translate \"A 'quoted'\" %}", {"A 'quoted'"}),
        ('{% translate "50% off" %}', {"50%% off"}),
        ("{% translate variable %}", set()),
        ("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}", {"Hello %(name)s"}),
        ("{% blocktrans %}A\nB{% endblocktrans %}", {"A\nB"}),
        ("{% blocktranslate trimmed %}\n  A\n  B\n{% endblocktranslate %}", {"A B"}),
        ('{% blocktranslate context "drink" %}A{% endblocktranslate %}', {"drink\x04A"}),
        (
            "{% blocktrans count n=cups trimmed %}\n {{ n }} cup\n{% plural %}\n {{ n }} cups\n{% endblocktrans %}",
            {"%(n)s cup\0%(n)s cups"},
        ),
        (
            '{% blocktranslate count n=c context "drink" %}cup{% plural %}cups{% endblocktranslate %}',
            {"drink\x04cup\0cups"},
        ),
        ('{% blocktranslate with x=_("A") %}B {{ x }}{% endblocktranslate %}', {"A", "B %(x)s"}),
        ('{{ _("A") }}', {"A"}),
        ('{{ _("A|B") }}', {"A|B"}),
        ('{{ name|default:_("A") }}', {"A"}),
        ('{{ name|default:_("A")|upper }}', {"A"}),
        ('{% include "x.html" with title=_(\'A\') body=_("B") %}', {"A", "B"}),
        ('{% if x == _("A") %}{% endif %}', {"A"}),
        ('{% translate "A"|default:_("B") %}', {"A", "B"}),
        ('<p title="x">it\'s  # _ (</p>\n   {% translate "A" %}\n {% translate "B" %}', {"A", "B"}),
        ('{# _("A") #}{% comment %}{% translate "B" %}{{ _("C") }}{% endcomment %}', set()),
        ('{% verbatim %}{{ _("A") }}{% endverbatim %}', set()),
        ("plain _('A') text", set()),
    ],
)
@pytest.mark.parametrize("name", ["templates/menu.html", "templates/menu.txt"])
def test_template_construct(name: str, source: str, texts: set[str], tmp_path: Path) -> None:
    assert found(tmp_path, name, source) == texts


@pytest.mark.parametrize(
    ("name", "source", "fault"),
    [
        ("menu.py", "_(f'Hello {name}')", "setia/menu.py:1: a text built at run time"),
        ("menu.py", "_('Hello %s' % name)", "setia/menu.py:1: a text built at run time"),
        ("menu.py", "_('Hello {}'.format(name))", "setia/menu.py:1: a text built at run time"),
        ("menu.py", "\n_('A' if x else 'B')", "setia/menu.py:2: a text built at run time"),
        ("menu.py", "_('')", "setia/menu.py: an empty text"),
        ("menu.py", "def (", "setia/menu.py:1: cannot be read"),
        ("menu.py", "ngettext('a', 'b', n); ngettext('a', 'c', n)", "\"a\" has two plurals, 'b' and 'c'"),
        ("menu.html", '{{ _("50%") }}', 'setia/menu.html: _("50%") holds a % sign'),
        (
            "menu.html",
            "{% blocktranslate %}{% if x %}A{% endif %}{% endblocktranslate %}",
            "setia/menu.html: Translation blocks must not include other block tags: if x",
        ),
    ],
)
def test_text_that_no_catalogue_can_hold(name: str, source: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "setia").mkdir()
    (tmp_path / "setia" / name).write_text(source, "utf-8")
    assert any(line.startswith(fault) for line in tool.check(tmp_path))


@pytest.mark.parametrize(
    ("source", "body", "fault"),
    [
        ("_('A')", "", 'missing: "A" in setia/menu.py'),
        ("_('A')", 'msgid "A"\nmsgstr ""\n', 'untranslated: "A" in setia/menu.py'),
        ("_('A')", '#, fuzzy\nmsgid "A"\nmsgstr "B"\n', 'fuzzy: "A" in setia/menu.py'),
        ("", 'msgid "A"\nmsgstr "B"\n', 'obsolete: "A"'),
        ("", '#~ msgid "A"\n#~ msgstr "B"\n', 'obsolete: "A"'),
        ("pgettext('drink', 'A')", 'msgctxt "drink"\nmsgid "A"\nmsgstr ""\n', "untranslated: \"A\" (context 'drink')"),
        ("ngettext('a', 'b', n)", 'msgid "a"\nmsgid_plural "b"\nmsgstr[0] ""\n', 'untranslated: "a" in'),
        ("ngettext('a', 'b', n)", 'msgid "a"\nmsgstr "c"\n', 'missing: "a" in'),
        ("_('Hi {name}')", 'msgid "Hi {name}"\nmsgstr "Hai {nama}"\n', "the translation lacks {name}:"),
        ("_('Hi {name}')", 'msgid "Hi {name}"\nmsgstr "Hai {nama}"\n', "the translation has {nama}, the text has not:"),
        ("_('Hi %(name)s')", 'msgid "Hi %(name)s"\nmsgstr "Hai"\n', "the translation lacks %(name)s:"),
        ("_('Hi %(name)s')", 'msgid "Hi %(name)s"\nmsgstr "Hai %(name)d"\n', "the translation lacks %(name)s:"),
        ("_('%s of %s')", 'msgid "%s of %s"\nmsgstr "%s"\n', "the translation lacks %s:"),
        ("_('{} of {}')", 'msgid "{} of {}"\nmsgstr "{}"\n', "the translation lacks {}:"),
        ("_('%s')", 'msgid "%s"\nmsgstr "%s 5 %"\n', "the translation has a single % where %% is needed:"),
        (
            "ngettext('one', '%(n)s cups', n)",
            'msgid "one"\nmsgid_plural "%(n)s cups"\nmsgstr[0] "cangkir"\n',
            "the translation lacks %(n)s:",
        ),
    ],
)
def test_check_fails_on_fault(
    source: str, body: str, fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalogue(tmp_path, body, source=source)
    assert tool.main(["--root", str(tmp_path), "check"]) == 1
    assert any(line.startswith(fault) for line in capsys.readouterr().err.splitlines())


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("", ""),
        ("_('A')", 'msgid "A"\nmsgstr "B"\n'),
        ("_('Hi {name}')", 'msgid "Hi {name}"\nmsgstr "{name}, hai {name}"\n'),
        ("_('Up to 50% off')", 'msgid "Up to 50% off"\nmsgstr "Hemat 50% dari harga"\n'),
        ("_('%(n)s: 5%% off')", 'msgid "%(n)s: 5%% off"\nmsgstr "%(n)s: hemat 5%%"\n'),
        ("ngettext('one', '%(n)s', n)", 'msgid "one"\nmsgid_plural "%(n)s"\nmsgstr[0] "%(n)s buah"\n'),
        ("_('cup'); ngettext('cup', 'cups', n)", 'msgid "cup"\nmsgid_plural "cups"\nmsgstr[0] "cangkir"\n'),
        ("_('{when:%d %b}')", 'msgid "{when:%d %b}"\nmsgstr "{when:%d %b}"\n'),
    ],
)
def test_check_passes_a_complete_catalogue(source: str, body: str, tmp_path: Path) -> None:
    catalogue(tmp_path, body, source=source)
    assert tool.main(["--root", str(tmp_path), "check"]) == 0


def test_update_keeps_adds_removes_and_then_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = '# agreed with Sari\nmsgid "Reward"\nmsgstr "Hadiah"\n\n'
    body = kept + 'msgid "Gone"\nmsgstr "Hilang"\n\n#~ msgid "Old"\n#~ msgstr "Lama"\n'
    path = catalogue(tmp_path, body, source="x = 1\n\n_('Reward'); _('New'); ngettext('cup', 'cups', n)")
    assert tool.main(["--root", str(tmp_path), "update"]) == 0
    assert capsys.readouterr().out == "3 texts, 2 untranslated, 2 removed\n"
    assert path.read_text("utf-8") == (
        tool.HEADER
        + '#: setia/menu.py\nmsgid "New"\nmsgstr ""\n\n'
        + '# agreed with Sari\n#: setia/menu.py\nmsgid "Reward"\nmsgstr "Hadiah"\n\n'
        + '#: setia/menu.py\nmsgid "cup"\nmsgid_plural "cups"\nmsgstr[0] ""\n'
    )
    before = path.read_bytes()
    tool.main(["--root", str(tmp_path), "update"])
    assert path.read_bytes() == before


def test_update_starts_a_catalogue_and_names_every_file_once(tmp_path: Path) -> None:
    found(tmp_path, "b.py", "_('A')\n_('A')")
    found(tmp_path, "a.html", '{% translate "A" %}')
    assert tool.main(["--root", str(tmp_path), "update"]) == 0
    assert (tmp_path / tool.CATALOGUE).read_text("utf-8").count("#: setia/a.html setia/b.py\n") == 1


def test_missing_then_fill_then_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = "_('Done'); _('A'); pgettext('drink', 'A'); ngettext('{n} cup', '{n} cups', n)"
    catalogue(tmp_path, 'msgid "Done"\nmsgstr "Selesai"\n', source=source)
    assert tool.main(["--root", str(tmp_path), "missing", "--json"]) == 0
    wanted = json.loads(capsys.readouterr().out)
    assert wanted == {"A": "", "{n} cup\0{n} cups": "", "drink\x04A": ""}
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps(dict(zip(wanted, ["Satu", "{n} cangkir", "Minum"], strict=True))), "utf-8")
    assert tool.main(["--root", str(tmp_path), "fill", str(answers)]) == 0
    assert capsys.readouterr().out == "4 texts, 0 untranslated\n"
    assert tool.check(tmp_path) == []


def test_fill_refuses_what_does_not_fit_and_writes_the_rest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = catalogue(tmp_path, "", source="_('A'); _('Hi {name}'); _('C')")
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps({"A": "Satu", "Hi {name}": "Hai", "C": "", "D": "Dua"}), "utf-8")
    assert tool.main(["--root", str(tmp_path), "fill", str(answers)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        'the translation lacks {name}: "Hi {name}"',
        'no translation given: "C"',
        'not a text of the code: "D"',
    ]
    assert 'msgid "A"\nmsgstr "Satu"\n' in path.read_text("utf-8")


def test_fill_settles_a_fuzzy_entry(tmp_path: Path) -> None:
    catalogue(tmp_path, '#, fuzzy\nmsgid "A"\nmsgstr "B"\n', source="_('A')")
    tool.fill(tmp_path, {"A": "Satu"})
    assert tool.check(tmp_path) == []


def test_compiled_catalogue_is_what_gettext_reads(tmp_path: Path) -> None:
    body = 'msgctxt "drink"\nmsgid "A"\nmsgstr "Minum"\n\nmsgid "cup"\nmsgid_plural "cups"\nmsgstr[0] "cangkir “é”"\n\n'
    path = catalogue(tmp_path, body + '#, fuzzy\nmsgid "B"\nmsgstr "salah"\n', source="")
    assert tool.main(["--root", str(tmp_path), "compile"]) == 0
    with path.with_suffix(".mo").open("rb") as compiled:
        texts = gettext.GNUTranslations(compiled)
    assert texts.pgettext("drink", "A") == "Minum"
    assert texts.ngettext("cup", "cups", 7) == texts.gettext("cup") == "cangkir “é”"
    assert texts.gettext("B") == "B"
