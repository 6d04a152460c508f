"""What the letters say that tell no decision: they ask for an account, for views, or put a case before an authority."""

from datetime import datetime
from typing import Any

from conduct.code import Pack
from sanctions.models import CaseLetter


def facts(case_letter: CaseLetter, pack: Pack, *, method: str, sent_at: datetime, at: datetime) -> dict[str, Any]:
    """The facts that such a letter has beyond those of every letter."""
    return {}
