"""What the letters say that tell no decision: they ask for an account, for views, or put a case before an authority."""

from datetime import datetime
from typing import Any

from conduct.code import Pack
from sanctions import ladder, notice_facts, pack_facts
from sanctions.models import CaseLetter


def facts(case_letter: CaseLetter, pack: Pack, *, method: str, sent_at: datetime, at: datetime) -> dict[str, Any]:
    """The facts that such a letter has beyond those of every letter."""
    if case_letter.letter.kind in ladder.PACKS:
        return pack_facts.facts(case_letter, pack, at=at)
    gathered = notice_facts.GATHERED.get(case_letter.letter.kind)
    return gathered(case_letter, pack, notice_facts.Leaving(method, sent_at, at)) if gathered else {}
