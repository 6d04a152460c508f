"""Wording the letters of a school: a further version of the texts of a kind, going back to one, having them checked."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db import transaction

from conduct.calendar import local_date, words
from conduct.models import School, User
from letters import letterhead, press, samples, starters, wording
from letters.kinds import KINDS
from letters.models import Letter, Wording
from sanctions import approvals, contents
from sanctions.ladder import Refusal
from sanctions.standing import Refused, permit, titles_at

SAMPLE = "SAMPLE"


def held(school: School, *, by: User, at: datetime) -> School:
    """The school, its row locked: versions are numbered one after the other."""
    permit(by, school, "edit_wording", at)
    return School.objects.select_for_update(of=("self",)).get(pk=school.pk)


@transaction.atomic
def change(
    school: School, kind: str, *, by: User, at: datetime, texts: Mapping[str, str], follows: int, note: str = ""
) -> Wording | None:
    """Word the letters of a kind anew; drafts say it so from now on, and issued letters stay as they are.

    `follows` is the number of the version that whoever changes it had before them, 0 for the starters. Nothing is kept
    where nothing differs. Raises Refused when somebody else saved a version meanwhile.
    """
    school = held(school, by=by, at=at)
    last = wording.in_force(school, kind)
    now = wording.texts_in(kind, last)
    wanted = now | {name: texts[name] for name in now if name in texts}
    if wanted == now:
        return None
    if follows != (last.number if last else 0):
        raise Refused([overtaken(last)])
    made = wording.add_version(school, kind, wanted, by=by, at=at, note=note.strip(), last=last)
    approvals.asked_by_change(Letter.objects.filter(school=school, kind=kind), by=by, at=at)
    return made


def overtaken(last: Wording | None) -> Refusal:
    assert last is not None
    when = words(local_date(last.at))
    text = (
        f"{last.by} saved version {last.number} on {when}, while you were writing. Nothing of yours is lost: it stands "
        "below, and beside it what differs from theirs. Save again to put yours in place of theirs."
    )
    return Refusal("wrong-state", text, "texts")


@transaction.atomic
def go_back(school: School, kind: str, *, by: User, at: datetime, number: int, follows: int) -> Wording | None:
    """A further version that says what an earlier one said; 0 is the starters."""
    school = held(school, by=by, at=at)
    earlier, last = version(school, kind, number), wording.in_force(school, kind)
    if last is not None and follows != last.number:
        text = f"{last.by} saved version {last.number} meanwhile. Look at it first; then go back, if you still want to."
        raise Refused([Refusal("wrong-state", text, "texts")])
    to = f"version {number}" if earlier else "the starter texts"
    texts = wording.texts_in(kind, earlier)
    return change(school, kind, by=by, at=at, texts=texts, follows=follows, note=f"Back to {to}")


def version(school: School, kind: str, number: int) -> Wording | None:
    """A version by its number; none for 0, the starters. Raises Wording.DoesNotExist."""
    return Wording.objects.select_related("by").get(school=school, kind=kind, number=number) if number else None


@transaction.atomic
def confirm(
    school: School, kinds: Iterable[str], *, by: User, at: datetime, checked_by: str, seen: Mapping[str, str]
) -> None:
    """Say that somebody competent has looked at the texts of some kinds; `seen` holds the digests of what they looked at."""
    school = held(school, by=by, at=at)
    now = wording.digests(school)
    wanted = {kind: now[kind] for kind in kinds}
    if any(seen.get(kind) != digest for kind, digest in wanted.items()):
        text = "A text has changed since you opened this page. Have it looked at as it stands now."
        raise Refused([Refusal("wrong-state", text, "texts")])
    wording.add_check(school, wanted, by=by, at=at, checked_by=checked_by.strip())


# -- how it will print --------------------------------------------------------------------------------------------


def sample_facts(school: School, kind: str, at: datetime, texts: Mapping[str, str]) -> dict[str, Any]:
    """A whole letter of a kind from this school in such words, about nobody: everything else is a sample."""
    pack = titles_at(school, at)
    wanted = {field.name for field in fields(KINDS[kind].facts)}
    known = contents.of_school(school, pack) if pack else {}
    own = {name: value for name, value in known.items() if value and name in wanted}
    facts = samples.facts(kind, reference=SAMPLE)
    return facts | dict(texts) | own | {"worded": sorted(starters.texts_of(kind))}


def sample(
    school: School,
    kind: str,
    at: datetime,
    *,
    texts: Mapping[str, str] | None = None,
    look: Mapping[str, str] | None = None,
) -> bytes:
    """That letter as PDF, as it will print, with the school's letterhead. Raises what `press.letter` raises."""
    texts = wording.texts(school, kind) if texts is None else texts
    shown = letterhead.seen(letterhead.current(school) if look is None else look)
    return press.letter(kind, sample_facts(school, kind, at, texts), look=shown)
