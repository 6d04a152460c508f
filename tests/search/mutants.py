"""Mutation testing: small faults are put into a module one at a time, and its tests must notice each of them.

    python -m tests.search.mutants conduct/calendar.py …       (or `make mutants`)

With CONDUCT_MUTANTS=functions, faults in the bodies of functions alone, which take a tenth of the time of the others;
with CONDUCT_MUTANTS_EVERY=5, one fault in five.

Cosmic Ray makes the faults. Each is tried in a copy of the tree: one in a function by a fork of a run that has loaded its
tests already, any other by a run of its own. Survivors must be killed by a test, or be told in survivors.toml why no
test could: those are not counted against the score, and the report names them.
"""

import ast
import gc
import json
import os
import shutil
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.search import report

ROOT = Path(__file__).resolve().parents[2]
EXPLAINED = Path(__file__).with_name("survivors.toml")
WORK = Path(os.environ.get("CONDUCT_VAR", ROOT / "var")).resolve() / "mutants"
QUICK = ("-q", "-x", "-p", "no:cacheprovider", "--no-header", "-W", "ignore", "--hypothesis-seed=0")

# The tests that are to notice a fault in a module: those of its own rules, quick ones first.
TESTS: dict[str, tuple[str, ...]] = {
    "conduct/calendar.py": ("tests/conduct/test_calendar.py",),
    "sanctions/dates.py": ("tests/sanctions/test_dates.py", "tests/sanctions/test_facts.py"),
    "sanctions/plan_dates.py": ("tests/sanctions/test_plan_dates.py",),
    "sanctions/ladder.py": (
        *("tests/sanctions/test_ladder.py", "tests/sanctions/test_facts.py", "tests/sanctions/test_wording.py"),
        *("tests/sanctions/test_ladder_edges.py", "tests/search/grid_at_once.py"),
    ),
    "sanctions/reviews.py": ("tests/sanctions/test_bans.py", "tests/sanctions/test_plans.py"),
    "sanctions/bans.py": ("tests/sanctions/test_bans.py", "tests/sanctions/test_plans.py"),
}
ORDERED = {"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE"}
# Of the many ways to replace an operator, those that leave a program that still runs: the others would only flatter.
SENSIBLE = {
    *("Add_Sub", "Sub_Add", "Sub_BitAnd", "Sub_BitOr", "Mul_FloorDiv", "FloorDiv_Mul", "Mod_FloorDiv", "Mod_Mul"),
    *("BitOr_BitAnd", "BitOr_Sub", "BitAnd_BitOr", "BitAnd_Sub"),
    *("Is_IsNot", "IsNot_Is", "In_NotIn", "NotIn_In"),
    *(f"{a}_{b}" for a in ORDERED for b in ORDERED),
}


# -- which faults ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """A fault: where it is in the module, and the whole module with it."""

    line: int
    column: int
    code: str


def faults_of(source: str) -> list[Fault]:
    """Every fault worth trying, in order. Made statement by statement, since the parser is slow."""
    lines = source.splitlines(keepends=True)
    found = []
    for node in ast.parse(source).body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
        last = node.end_lineno or node.lineno
        before, part, after = "".join(lines[:first]), "".join(lines[first:last]), "".join(lines[last:])
        for line, column, spoiled in spoilings(part):
            fault = Fault(first + line, column, before + spoiled + after)
            if not in_an_annotation(source, fault.line, column) and not same(spoiled, part):
                found.append(fault)
    return sorted(found, key=lambda f: (f.line, f.column, f.code))


def spoilings(part: str) -> Iterator[tuple[int, int, str]]:
    """What Cosmic Ray makes of a statement: where, and the statement as it would be."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    tree = get_ast(part)
    for name in operator_names():
        kind = get_operator(name)
        _, _, what = name.partition("/")
        replaced = what.startswith(("ReplaceBinaryOperator_", "ReplaceComparisonOperator_"))
        if kind.arguments() or (replaced and what.split("_", 1)[1] not in SENSIBLE):
            continue
        places = [start for node in ast_nodes(tree) for start, _ in kind().mutation_positions(node)]
        for occurrence, (line, column) in enumerate(places):
            spoiled = mutate_code(part, kind(), occurrence)
            if spoiled is not None:
                yield line, column, spoiled


Place = tuple[int, int]


def in_an_annotation(source: str, *place: int) -> bool:
    return any(begins <= place < ends for begins, ends in annotated(source))


@cache
def annotated(source: str) -> list[tuple[Place, Place]]:
    """From where to where the annotations of a module go, and the types that it gives names to."""
    found: list[Any] = []
    for node in ast.walk(ast.parse(source)):
        found += [getattr(node, name, None) for name in ("annotation", "returns")]
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):  # Check = Callable[[…], str | None]
            found.append(node.value)
    return [span(node) for node in found if isinstance(node, ast.AST)]


def span(node: Any) -> tuple[Place, Place]:
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


# -- trying one -----------------------------------------------------------------------------------------------------------


def run_pytest(tests: tuple[str, ...], *plugins: object) -> int:
    """Run these tests in this process; 0 when all pass."""
    import pytest

    return int(pytest.main([*QUICK, *tests], plugins=list(plugins)))


def noticed_by(attempt: Callable[[], int], most: float) -> bool:
    """Whether an attempt, in a process of its own, ends badly or not at all."""
    child = os.fork()
    if child == 0:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        sys.dont_write_bytecode = True
        try:
            code = attempt()
        except BaseException:
            code = 1
        os._exit(min(code, 100))
    ends = time.monotonic() + most
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


class Loaded:
    """A run of pytest that has loaded and passed its tests, from which each fault in a function is tried by a fork."""

    def __init__(self, module: str, codes: list[str]) -> None:
        self.name, self.codes, self.noticed = module.removesuffix(".py").replace("/", "."), codes, []  # type: ignore[var-annotated]

    def pytest_runtestloop(self, session: Any) -> bool:
        began = time.monotonic()
        self.run(session)
        if session.testsfailed:
            raise SystemExit(f"The tests of {self.name} fail without any fault.")
        most = max(10.0, 5 * (time.monotonic() - began))
        for number, code in enumerate(self.codes, 1):
            self.noticed.append(noticed_by(lambda code=code: self.with_fault(session, code), most))
            if number % 100 == 0:
                sys.__stderr__.write(f"  … {number} of {len(self.codes)}, {sum(self.noticed)} noticed\n")  # type: ignore[union-attr]
        return True

    def run(self, session: Any) -> None:
        items = session.items
        for item, after in zip(items, [*items[1:], items[0]], strict=True):  # round again: what all share is kept
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.testsfailed:
                return

    def with_fault(self, session: Any, code: str) -> int:
        session.config.pluginmanager.unregister(name="terminalreporter")
        put_in_place(sys.modules[self.name], code)
        self.run(session)
        return int(session.testsfailed)


def put_in_place(module: ModuleType, code: str) -> None:
    """Give every function of a loaded module the body that it has in other code, whoever holds it already."""
    bodies = {body.co_qualname: body for body in bodies_in(compile(code, str(module.__file__), "exec"))}
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__module__ == module.__name__:
            body = bodies.get(thing.__code__.co_qualname)
            if body is not None and body != thing.__code__ and body.co_freevars == thing.__code__.co_freevars:
                thing.__code__ = body
        elif hasattr(type(thing), "cache_clear") and getattr(thing, "__module__", "") == module.__name__:
            thing.cache_clear()  # type: ignore[attr-defined]
        elif type(thing).__module__ == module.__name__ and hasattr(thing, "__dict__"):
            for name in cached_names(type(thing)):
                thing.__dict__.pop(name, None)


def bodies_in(body: CodeType) -> Iterator[CodeType]:
    for inner in body.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from bodies_in(inner)


@cache
def cached_names(kind: type) -> tuple[str, ...]:
    return tuple(name for name, value in vars(kind).items() if isinstance(value, cached_property))


def in_a_function(source: str, *place: int) -> bool:
    """Whether a place lies in the body of a function, and not in its defaults or decorators."""
    return any(begins <= place < ends for begins, ends in bodies_of(source))


@cache
def bodies_of(source: str) -> list[tuple[Place, Place]]:
    found: list[Any] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            found += node.body
        elif isinstance(node, ast.Lambda):
            found.append(node.body)
    return [span(part) for part in found]


# -- a session --------------------------------------------------------------------------------------------------------------


def copied(module: str) -> Path:
    """A copy of the tree in which faults are put."""
    tree = WORK / module.replace("/", "-").removesuffix(".py")
    if tree.exists():
        shutil.rmtree(tree)
    left_out = ("var", ".venv", ".git", ".mypy_cache", ".ruff_cache", ".pytest_cache", "__pycache__")
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*left_out))
    return tree


@dataclass
class Survivor:
    line: int
    was: str
    now: str
    why: str = ""


def session(module: str) -> tuple[Counter[str], list[Survivor]]:
    """Try every fault of a module: how many were noticed, and which were not."""
    tree, tests = copied(module), TESTS[module]
    os.chdir(tree)
    sys.path.insert(0, str(tree))
    os.environ["CONDUCT_VAR"] = str(tree / "var")
    target = tree / module
    source = target.read_text(encoding="utf-8")
    faults = faults_of(source)[:: int(os.environ.get("CONDUCT_MUTANTS_EVERY", "1"))]
    inside = [f for f in faults if in_a_function(source, f.line, f.column)]
    outside = [f for f in faults if not in_a_function(source, f.line, f.column)]
    print(f"{module}: {len(inside)} faults in functions, {len(outside)} beside them", flush=True)
    if os.environ.get("CONDUCT_MUTANTS") == "functions":
        outside = []
    noticed = [tried_apart(target, f.code, tests) for f in outside]
    target.write_text(source, encoding="utf-8")
    loaded = Loaded(module, [f.code for f in inside])
    run_pytest(tests, loaded)
    told, survivors = Counter[str](), list[Survivor]()
    for fault, seen in zip([*outside, *inside], [*noticed, *loaded.noticed], strict=True):
        told["noticed" if seen else "survived"] += 1
        if not seen:
            survivors.append(difference(source, fault))
    return told, survivors


def tried_apart(target: Path, code: str, tests: tuple[str, ...]) -> bool:
    """A fault in what is worked out when the module is loaded: every run loads everything again."""
    target.write_text(code, encoding="utf-8")
    for kept in target.parent.glob(f"__pycache__/{target.stem}.*.pyc"):
        kept.unlink()
    return noticed_by(lambda: run_pytest(tests), 120.0)


def same(code: str, source: str) -> bool:
    """Whether it is no other program, or none at all: the bare star of keyword-only arguments is no multiplication."""
    try:
        return ast.dump(ast.parse(code)) == ast.dump(ast.parse(source))
    except SyntaxError:
        return True


def difference(source: str, fault: Fault) -> Survivor:
    """The first line that differs, as it was and as it is."""
    was, now = source.split("\n"), fault.code.split("\n")
    if len(was) != len(now):
        return Survivor(fault.line, was[fault.line - 1].strip(), "gone")
    n = next((n for n, (a, b) in enumerate(zip(was, now, strict=True)) if a != b), fault.line - 1)
    return Survivor(n + 1, was[n].strip(), now[n].strip())


def explained(module: str, survivors: list[Survivor]) -> list[Survivor]:
    """The survivors with the reason that survivors.toml gives, where it gives one."""
    reasons = tomllib.loads(EXPLAINED.read_text(encoding="utf-8")) if EXPLAINED.exists() else {}
    for survivor in survivors:
        for entry in reasons.get(module, []):
            if entry["was"] == survivor.was and entry["now"] in {survivor.now, "*"}:
                survivor.why = entry["why"]
    return survivors


def main(modules: list[str]) -> int:
    unexplained = 0
    rows = kept_rows()
    for module in modules or list(TESTS):
        began = time.monotonic()
        told, survivors = in_own_process(module)
        survivors = explained(module, survivors)
        tried_in_all, open_ones = sum(told.values()), [s for s in survivors if not s.why]
        told_away = len(survivors) - len(open_ones)
        score = 100 * told["noticed"] / max(tried_in_all - told_away, 1)
        print(
            f"{module}: {tried_in_all} faults, {told['noticed']} noticed, {told_away} that change nothing, "
            f"{len(open_ones)} survived: {score:.1f} % in {time.monotonic() - began:.0f} s"
        )
        for s in open_ones:
            print(f"  line {s.line}: {s.was}  →  {s.now}")
        unexplained += len(open_ones)
        rows[module] = (
            f"| `{module}` | {tried_in_all} | {told['noticed']} | {told_away} | {len(open_ones)} | {score:.1f} % |"
        )
        report.put("mutants", [*HEADING, *(rows[m] for m in TESTS if m in rows)])
    return 1 if unexplained else 0


HEADING = [
    "| module | faults | noticed | change nothing | not noticed | score |",
    "|---|---|---|---|---|---|",
]


def kept_rows() -> dict[str, str]:
    """The rows of the report as it stands, by module: a session of one leaves those of the others."""
    told = report.PROOF.read_text(encoding="utf-8").split("<!-- mutants -->")[1].split("<!-- /mutants -->")[0]
    return {line.split("`")[1]: line for line in told.splitlines() if line.startswith("| `")}


def in_own_process(module: str) -> tuple[Counter[str], list[Survivor]]:
    """A session in a process of its own, since it changes folder and loads the tests."""
    WORK.mkdir(parents=True, exist_ok=True)
    answer = WORK / "answer.json"
    child = os.fork()
    if child == 0:
        told, survivors = session(module)
        answer.write_text(json.dumps([told, [vars(s) for s in survivors]]))
        sys.stdout.flush()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(status >> 8)
    counted, listed = json.loads(answer.read_text())
    return Counter(counted), [Survivor(**s) for s in listed]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
