"""Side branches and how they go on: a post captured, asked about, taken down; mediation offered and what came of it. Pure."""

# step: what it is called. A post goes from captured to asked, and then to one of the other three.
REMOVAL = {
    "captured": "Captured",
    "asked": "Asked to take it down",
    "removed": "Taken down",
    "reported": "Reported to the platform",
    "escalated": "Escalated",
}
MEDIATION = {
    "offered": "Offered",
    "accepted": "Accepted",
    "turned_down": "Turned down",
    "agreed": "Held: an agreement was reached",
    "not_agreed": "Held: no agreement",
}
STEPS: dict[str, dict[str, str]] = {"post_removal": REMOVAL, "mediation": MEDIATION}
STEP_LABELS = REMOVAL | MEDIATION
HELD = frozenset({"agreed", "not_agreed"})
OUTCOMES = frozenset({"removed", "reported", "escalated"})
# What must have come before: a post is asked about, reported or escalated once it has been captured.
NEEDS: dict[str, tuple[str, ...]] = {
    "accepted": ("offered",),
    "turned_down": ("offered",),
    "asked": ("captured",),
    "removed": ("captured",),
    "reported": ("captured",),
    "escalated": ("captured",),
    "agreed": ("accepted",),
    "not_agreed": ("accepted",),
}


def out_of_order(response: str, step: str, done: list[str]) -> str:
    """What is missing before a step; empty when it may be recorded."""
    if step not in STEPS.get(response, {}):
        own = " or ".join(label.lower() for label in STEPS.get(response, {}).values())
        return f"This step does not belong here: {f'it is {own}' if own else 'nothing more is recorded of it'}."
    missing = [STEP_LABELS[s].lower() for s in NEEDS.get(step, ()) if s not in done]
    if missing:
        return f"Record first that it was: {' and '.join(missing)}."
    return ""


def next_steps(response: str, done: list[str]) -> list[tuple[str, str]]:
    """The steps to choose from now, with their names. Mediation goes through each once and then is over; of posts there
    may be several."""
    in_order = [(s, label) for s, label in STEPS.get(response, {}).items() if not out_of_order(response, s, done)]
    if response != "mediation":
        return in_order
    return [] if HELD & set(done) else [(s, label) for s, label in in_order if s not in done]
