"""The shape of the house: which way imports point, who writes a state, what things are called, how long they are."""

import ast
import subprocess
from pathlib import Path

import pytest
from django.apps import apps

from conduct import code

ROOT = Path(__file__).parents[1]
APPS = ("conduct", "incidents", "letters", "sanctions")
MODULES = sorted(p for app in APPS for p in (ROOT / app).rglob("*.py") if "migrations" not in p.parts)
LONGEST = 60
# Where a file comes in, and where the one check of uploads is asked about it.
DOORS = {
    "sanctions/views/rehearsals.py": ("sanctions/forms/rehearsals.py", "uploads.validated"),
    "sanctions/forms/rehearsals.py": ("sanctions/forms/rehearsals.py", "uploads.validated"),
    "sanctions/views/imports.py": ("sanctions/forms/imports.py", "uploads.validated"),
    "sanctions/forms/imports.py": ("sanctions/forms/imports.py", "uploads.validated"),
    "sanctions/views/evidence.py": ("sanctions/views/evidence.py", "files.stored"),
    "sanctions/views/post_room/sending.py": ("sanctions/views/post_room/sending.py", "files.stored"),
    "sanctions/views/photos.py": ("sanctions/views/photos.py", "files.stored"),
    "sanctions/views/post_room/letterhead.py": ("sanctions/views/post_room/letterhead.py", "files.stored"),
}
# who/when pairs that are not pairs, and why
UNPAIRED = {
    "sanctions.Case.put_before_chair",  # by the program, or by the head: the audit row says
    "sanctions.Measure.state",  # the decision of that moment says by whom
    "sanctions.Measure.served",  # the letter says by whom
    "sanctions.Task.opened",  # by the program
    "incidents.Incident.occurred",  # not a deed of the school
    "incidents.Draft.saved",  # by whose draft it is
    "conduct.Import.over",  # by the program, at the word of whoever asked for it
    "conduct.Import.claimed",  # by a worker
    "letters.Letter.sent",  # set when issued or posted, by whom these say
    "letters.Letter.parked",  # by the program, which could not make its PDF
    "letters.Run.claimed",  # by a worker
    "letters.Sending.sent",  # by whom its `by` says
    "letters.Sending.next_try",  # by the program
    "letters.Sending.claimed",  # by a worker
}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_imports_point_one_way():
    told = subprocess.run(  # noqa: S603
        [str(ROOT / ".venv" / "bin" / "lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout


def test_no_module_is_named_for_nothing():
    found = [
        named(p)
        for p in MODULES
        if p.stem in {"services", "service_layer", "utils", "util", "helpers", "common", "misc"}
    ]
    assert found == []


def test_there_are_no_signal_receivers():
    found = [
        named(p) for p in MODULES if "django.db.models.signals" in p.read_text() or "django.dispatch" in p.read_text()
    ]
    assert found == []


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_policy_is_named_in_a_condition(path):
    keys = set(code.pack_keys())
    if named(path) == "conduct/code.py":
        keys.remove("combined")  # listed first: the code that the others are parts of
    tests = [
        part
        for node in ast.walk(parsed(path))
        for part in (
            [node]
            if isinstance(node, ast.Compare | ast.Match)
            else [node.test]
            if isinstance(node, ast.If | ast.IfExp)
            else []
        )
    ]
    found = [
        f"line {part.lineno}: {part.value}"
        for test in tests
        for part in ast.walk(test)
        if isinstance(part, ast.Constant) and part.value in keys
    ]
    assert found == []


def writes_a_state(node: ast.AST) -> bool:
    """An assignment to `.state` of something other than `self`, or a queryset's `update(state=…)`."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        flat = [part for t in targets for part in (t.elts if isinstance(t, ast.Tuple | ast.List) else [t])]
        return any(isinstance(t, ast.Attribute) and t.attr == "state" for t in flat)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in {"update", "bulk_update", "create", "update_or_create"}:
            return any(k.arg == "state" for k in node.keywords)
        return False
    return (
        isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "setattr"
        and any(isinstance(a, ast.Constant) and a.value == "state" for a in node.args)
    )


def test_two_functions_write_the_state_of_a_measure_and_one_that_of_an_import():
    found = {
        f"{path.parent.name}.{path.stem}.{function.name}"
        for path in MODULES
        for function in functions(parsed(path))
        for node in ast.walk(function)
        if writes_a_state(node)
    }
    assert found == {"sanctions.measures.move", "sanctions.diary.pass_date", "importing.course.move"}


def test_every_deed_says_when_and_by_whom():
    missing = []
    for model in apps.get_models():
        if model._meta.app_label not in APPS:
            continue
        names = {f.name for f in model._meta.get_fields()}
        for name in names:
            stem = name.removesuffix("_at")
            paired = {"at": "by", f"{stem}_at": f"{stem}_by"}.get(name)
            label = f"{model._meta.label}.{stem}"
            if paired and paired not in names and label not in UNPAIRED and model.__name__ != "Heartbeat":
                missing.append(label)
    assert missing == []


def test_the_exceptions_from_that_are_still_there():
    labels = {
        f"{m._meta.label}.{f.name.removesuffix('_at')}"
        for m in apps.get_models()
        for f in m._meta.get_fields()
        if f.name.endswith("_at")
    }
    assert UNPAIRED - labels == set()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_functions_are_short(path):
    long = [
        f"{f.name}: {f.end_lineno - f.lineno + 1} lines"
        for f in functions(parsed(path))
        if f.end_lineno is not None and f.end_lineno - f.lineno + 1 > LONGEST
    ]
    assert long == []


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.parent.name != "conduct" or p.stem not in {"clock"}], ids=named
)
def test_only_the_edge_reads_the_clock(path):
    """The clock is an argument: views, tasks and commands read `conduct.clock` once, the rules never."""
    edge = {"views", "commands", "tasks", "forms"} & {*path.parts, path.stem}
    inner = path.parts[-2] in APPS and not edge and path.parent.name in {"sanctions", "incidents", "letters"}
    reads = [
        node.lineno
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "today", "utcnow"}
        and inner
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date", "timezone", "clock"}
    ]
    assert reads == []


def takes_a_file(node: ast.AST) -> bool:
    """`request.FILES`, a field of a form for a file, or a file that a request was read for in another way."""
    names = {"FILES", "FileField", "ImageField", "MultiPartParser", "upload_handlers"}
    return isinstance(node, ast.Attribute) and node.attr in names and getattr(node.value, "id", "") != "models"


def test_files_come_in_by_known_doors_alone():
    found = {named(p) for p in MODULES for node in ast.walk(parsed(p)) if takes_a_file(node)}
    assert found == set(DOORS)


@pytest.mark.parametrize("door", DOORS)
def test_at_each_door_the_one_check_of_uploads_is_asked(door):
    where, check = DOORS[door]
    calls = {ast.unparse(node.func) for node in ast.walk(parsed(ROOT / where)) if isinstance(node, ast.Call)}
    assert check in calls


def test_what_is_stored_goes_out_by_one_module():
    """Only `conduct.downloads` opens the bytes of a kept file to send them, with the headers that lock them."""
    calls = {
        (named(p), ast.unparse(node.func))
        for p in MODULES
        for node in ast.walk(parsed(p))
        if isinstance(node, ast.Call)
    }
    found = {module for module, call in calls if call.rpartition(".")[2] == "FileResponse"}
    assert found == {"conduct/downloads.py"}
