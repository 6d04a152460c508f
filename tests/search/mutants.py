"""Mutation testing: small faults are put into a module one at a time, and its tests must notice each of them.

    python -m tests.search.mutants conduct/calendar.py …       (or `make mutants`)

Cosmic Ray makes the faults and keeps the session. A fault is tried in a copy of the tree, in a process that is forked
from one which has loaded the libraries already. Survivors must be killed by a test, or be told in survivors.toml why no
test could: those are not counted against the score, and the report names them.
"""

import ast
import importlib
import os
import shutil
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
EXPLAINED = Path(__file__).with_name("survivors.toml")
WORK = Path(os.environ.get("CONDUCT_VAR", ROOT / "var")).resolve() / "mutants"
RESULTS = WORK / "results.toml"
QUICK = ("-q", "-x", "-p", "no:cacheprovider", "--no-header", "-W", "ignore", "--hypothesis-seed=0")

# The tests that are to notice a fault in a module: those of its own rules, quick ones first.
TESTS: dict[str, tuple[str, ...]] = {
    "conduct/calendar.py": ("tests/conduct/test_calendar.py",),
    "sanctions/dates.py": ("tests/sanctions/test_dates.py",),
    "sanctions/plan_dates.py": ("tests/sanctions/test_plan_dates.py",),
    "sanctions/ladder.py": ("tests/sanctions/test_ladder.py", "tests/search/grid_at_once.py"),
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


def annotations(source: str) -> Iterator[tuple[int, int]]:
    """The lines and columns of type annotations: a fault there is none that a test could see."""
    for node in ast.walk(ast.parse(source)):
        for name in ("annotation", "returns"):
            found = getattr(node, name, None)
            if isinstance(found, ast.AST):
                for inner in ast.walk(found):
                    if hasattr(inner, "lineno"):
                        yield inner.lineno, inner.col_offset
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):  # Check = Callable[[…], str | None]
            for inner in ast.walk(node.value):
                if hasattr(inner, "lineno"):
                    yield inner.lineno, inner.col_offset


def worth_trying(mutation: Any, source: str, typed: set[tuple[int, int]]) -> bool:
    name = mutation.operator_name.removeprefix("core/")
    if name.startswith(("ReplaceBinaryOperator_", "ReplaceComparisonOperator_")):
        if name.split("_", 1)[1] not in SENSIBLE:
            return False
        line, column = mutation.start_pos
        return not any(on == line and at <= column <= at + 40 for on, at in typed) or not typed_here(
            source, line, column
        )
    return bool(mutation.start_pos not in typed)


def typed_here(source: str, line: int, column: int) -> bool:
    """Whether an operator stands inside an annotation."""
    for node in ast.walk(ast.parse(source)):
        for name in ("annotation", "returns"):
            found = getattr(node, name, None)
            if isinstance(found, ast.AST) and holds(found, line, column):
                return True
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript) and holds(node.value, line, column):
            return True
    return False


def holds(node: Any, line: int, column: int) -> bool:
    begins, ends = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    return bool(begins <= (line, column) < ends)


# -- trying one -----------------------------------------------------------------------------------------------------------


def load_libraries(tree: Path, tests: tuple[str, ...]) -> None:
    """Load what every run loads of other people's code, so that a forked run need not. Nothing of the program itself."""
    child = os.fork()
    listed = tree / "libraries.txt"
    if child == 0:
        code = run_pytest(tests)
        ours = ("conduct", "incidents", "letters", "sanctions", "tests", "test_", "conftest")
        names = [n for n in sys.modules if not n.startswith(ours) and n != "__main__"]
        listed.write_text("\n".join(names))
        os._exit(code)
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(f"The tests of this module fail without any fault: {' '.join(tests)}")
    for name in listed.read_text().split("\n"):
        if name.startswith(
            ("django", "factory", "faker", "holidays", "hypothesis", "_pytest", "pytest", "yaml", "rapid")
        ):
            try:
                importlib.import_module(name)
            except Exception:  # noqa: S112 - some of Django's modules want its settings first: the run loads them itself
                continue


def run_pytest(tests: tuple[str, ...]) -> int:
    """Run these tests in this process; 0 when all pass."""
    import pytest

    return int(pytest.main([*QUICK, *tests]))


def tried(tests: tuple[str, ...], most: float) -> tuple[bool, str]:
    """Whether the tests notice, in a process of their own; and what they said, in a word."""
    child = os.fork()
    if child == 0:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        sys.dont_write_bytecode = True
        try:
            code = run_pytest(tests)
        except BaseException:
            code = 1
        os._exit(min(code, 100))
    ends = time.monotonic() + most
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0, "noticed" if status else "survived"
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True, "ran for ever"


# -- a session --------------------------------------------------------------------------------------------------------------


def copied(module: str) -> Path:
    """A copy of the tree in which faults are put; with what Python compiled, since that saves most of a run."""
    tree = WORK / module.replace("/", "-").removesuffix(".py")
    if tree.exists():
        shutil.rmtree(tree)
    left_out = shutil.ignore_patterns(
        "var", ".venv", ".git", ".mypy_cache", ".ruff_cache", ".pytest_cache", "__pycache__"
    )
    shutil.copytree(ROOT, tree, ignore=left_out)
    return tree


@dataclass
class Survivor:
    line: int
    was: str
    now: str
    why: str = ""


def session(module: str) -> tuple[Counter[str], list[Survivor]]:
    """Try every fault of a module: how many were noticed, and which were not."""
    from cosmic_ray.commands import init
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

    tree, tests = copied(module), TESTS[module]
    os.chdir(tree)
    sys.path.insert(0, str(tree))
    os.environ["CONDUCT_VAR"] = str(tree / "var")
    began = time.monotonic()
    load_libraries(tree, tests)
    most = max(20.0, 6 * (time.monotonic() - began))
    target = tree / module
    source = target.read_text(encoding="utf-8")
    forget_compiled(target)
    typed, told, survivors = set(annotations(source)), Counter[str](), list[Survivor]()
    with use_db(str(tree / "session.sqlite"), WorkDB.Mode.create) as work:
        init([target], work, {})
        items = sorted(work.pending_work_items, key=lambda i: i.mutations[0].start_pos)
        for number, item in enumerate(items, 1):
            (mutation,) = item.mutations
            if not worth_trying(mutation, source, typed):
                work.set_result(item.job_id, WorkResult(worker_outcome=WorkerOutcome.SKIPPED))
                continue
            code = mutate_code(
                source, get_operator(mutation.operator_name)(**mutation.operator_args), mutation.occurrence
            )
            if code is None or same(code, source):
                continue
            target.write_text(code, encoding="utf-8")
            noticed, word = tried(tests, most)
            told["noticed" if noticed else "survived"] += 1
            outcome = TestOutcome.KILLED if noticed else TestOutcome.SURVIVED
            work.set_result(item.job_id, WorkResult(WorkerOutcome.NORMAL, output=word, test_outcome=outcome))
            if not noticed:
                survivors.append(difference(source, code, mutation.start_pos[0]))
                print(f"  {module}:{survivors[-1].line}  {survivors[-1].was}  →  {survivors[-1].now}", flush=True)
            if number % 100 == 0:
                print(f"  … {number} of {len(items)} looked at, {told['noticed']} noticed", flush=True)
    target.write_text(source, encoding="utf-8")
    return told, survivors


def same(code: str, source: str) -> bool:
    """Whether it is no other program, or none at all: the bare star of keyword-only arguments is no multiplication."""
    try:
        return ast.dump(ast.parse(code)) == ast.dump(ast.parse(source))
    except SyntaxError:
        return True


def forget_compiled(target: Path) -> None:
    for kept in target.parent.glob(f"__pycache__/{target.stem}.*.pyc"):
        kept.unlink()


def difference(source: str, code: str, line: int) -> Survivor:
    """The first line that differs, as it was and as it is."""
    was, now = source.split("\n"), code.split("\n")
    if len(was) != len(now):
        return Survivor(line, was[line - 1].strip(), "gone")
    n = next((n for n, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), line - 1)
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
    return 1 if unexplained else 0


def in_own_process(module: str) -> tuple[Counter[str], list[Survivor]]:
    """A session in a process of its own, since it changes folder and loads the tests."""
    import json

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
