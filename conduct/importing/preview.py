"""What is shown of a plan: its numbers, examples of each change, what is left as it is, and the rows that cannot be taken."""

from dataclasses import asdict
from typing import Any

from conduct.importing.planning import Plan

EXAMPLES = 5  # of each kind of change
NEW = 10
KEPT = 2_000  # problems, and values left: a file with more of them has one cause
NOTHING: dict[str, Any] = {"problems": [], "examples": {}}

LABELS = {
    "external_id": "ID in the information system",
    "name": "Name",
    "relation": "Relation",
    "address": "Address",
    "email": "Email",
    "phone": "Phone",
    "children": "Child joined to them",
    "may_collect": "May no longer collect",
    "child_external_id": "Child’s ID in the information system",
    "child_name": "Child’s name",
    "child_year": "Child’s year",
}


def of(plan: Plan) -> dict[str, Any]:
    """The columns of an import that say what would change, or was changed."""
    problems = [problem.plain() for problem in plan.problems[:KEPT]]
    counts = plan.counts() | {"problems": len(plan.problems)}
    return {"rows_seen": plan.rows, "counts": counts, "problems": problems, "examples": examples(plan)}


def examples(plan: Plan) -> dict[str, Any]:
    changed: dict[str, list[list[str]]] = {}
    for adult, changes in plan.changed_adults.items():
        gather(changed, "", str(plan.adults[adult]), changes)
    for child, told in plan.changed_children.items():
        gather(changed, "child_", str(plan.children[child]), told)
    families: dict[Any, list[str]] = {}
    for adult, child in plan.links:
        families.setdefault(adult, []).append(f"{child.name}, {child.year}" if child.year else child.name)
    new = [[adult.row, adult.name, "; ".join(families.get(adult, []))] for adult in plan.new_adults[:NEW]]
    return {"new": new, "changed": changed, "left": [asdict(left) for left in plan.left[:KEPT]]}


def gather(changed: dict[str, list[list[str]]], prefix: str, name: str, changes: dict[str, list[str]]) -> None:
    for field, (old, new) in changes.items():
        found = changed.setdefault(prefix + field, [])
        if len(found) < EXAMPLES:
            found.append([name, old, new])
