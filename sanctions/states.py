"""The states of a measure, and the groups of them that rules speak of."""

from enum import StrEnum


class State(StrEnum):
    """Where a measure stands. Bans use the long way; the others a part of it."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    DECLINED = "declined"
    SERVED = "served"
    HELD = "held"
    MISSED = "missed"
    TURNED_DOWN = "turned_down"
    PROVISIONAL = "provisional"
    INTENT = "intent"
    IN_FORCE = "in_force"
    CONFIRMED = "confirmed"
    VARIED = "varied"
    EXTENDED = "extended"
    NOT_CONFIRMED = "not_confirmed"
    LIFTED = "lifted"
    LAPSED = "lapsed"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return _LABELS.get(self, self.value.replace("_", " ").capitalize())


_LABELS = {
    State.DECIDED: "Decided, letter not issued",
    State.SERVED: "Letter issued",
    State.PROVISIONAL: "Provisional ban",
    State.INTENT: "Notice of intent given",
    State.LAPSED: "Lapsed: no decision in time",
}

UNDER_WAY = frozenset({State.PROPOSED, State.DECIDED})
OPENED = frozenset({State.PROVISIONAL, State.INTENT})
FINAL = frozenset({State.CONFIRMED, State.VARIED, State.EXTENDED})
LIMITING = frozenset({State.IN_FORCE})  # a plan, a block or a vexatious notice that runs
LIVE_BAN = UNDER_WAY | OPENED | FINAL
ENDED_BY_DEED = frozenset({State.NOT_CONFIRMED, State.LIFTED, State.WITHDRAWN, State.DECLINED})
OVER = ENDED_BY_DEED | {State.LAPSED, State.ENDED}
MEETING_DONE = frozenset({State.HELD, State.MISSED, State.TURNED_DOWN})
