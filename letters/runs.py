"""Runs: letters that one person has in hand together, to be issued, or to be printed as one file.

A letter is in one hand at a time: the database refuses a second (`letter_in_one_hand`). Only whoever says that a run came
out of the printer well makes its letters printed; what nobody confirms comes back to the queue by itself.

The rows are the truth; the message to the worker holds a number only. A worker claims a run and gives a sign now and then;
when it has been silent for long it is taken for dead, and another goes on where it stopped.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from conduct import audit, files
from conduct.models import School, User
from letters import print_queue, service
from letters.models import Letter, Run, RunLetter, run_path

log = logging.getLogger(__name__)
Now = Callable[[], datetime]

MOST = 500  # letters in one run: as much paper as a clerk can look after, and memory for it known beforehand
STALE_AFTER = timedelta(minutes=30)  # longer than printing takes; shorter than a morning in which nobody else can print
UNCLAIMED_AFTER = timedelta(minutes=1)  # then the message to the worker was lost
SILENT_AFTER = timedelta(minutes=2)  # then the worker is dead
KEPT_FOR = timedelta(days=1)  # the file for the printer, which can be made again from the letters
AT_ONCE = 20  # letters whose bytes are read together; after so many the worker gives a sign
FOLDER = "runs"
UNDONE = ("waiting", "working")
OPEN = (*UNDONE, "ready")


class TakenAway(Exception):
    """Somebody took the worker for dead while it was at it, and another goes on."""


@dataclass(frozen=True)
class Taken:
    """What came of taking letters in hand: the run, if there is one, and what others have in hand or have printed."""

    run: Run | None
    held: list[RunLetter]
    printed: list[Letter]
    left: int = 0  # more letters than one run holds: so many wait for the next


@dataclass(frozen=True)
class Closed:
    """What came of a run: how many letters are printed or put back, and which had gone to others meanwhile."""

    printed: int
    put_back: int
    gone: list[RunLetter]


def about(run: Run) -> str:
    """How the audit names a run."""
    return f"run {run.pk}"


def held(at: datetime) -> "QuerySet[RunLetter]":
    """The letters that somebody has in hand. What was not confirmed in time counts as free before the sweep has seen it."""
    fresh = Q(run__work="issue") | Q(run__at__gte=at - STALE_AFTER)
    return RunLetter.objects.filter(fresh, fate="held")


def in_hand(letters: Iterable[int], at: datetime) -> "QuerySet[RunLetter]":
    """Who has these letters in hand, since when."""
    return held(at).filter(letter__in=letters).select_related("run__by", "letter").order_by("letter__reference")


def now_open(at: datetime) -> Q:
    """The runs that somebody is at, or should come back to: not those of yesterday, whose file is gone."""
    return Q(stage__in=OPEN, at__gt=at - KEPT_FOR)


# -- taken in hand ------------------------------------------------------------------------------------------------


@transaction.atomic
def take(
    school: School,
    letters: list[Letter],
    *,
    work: str,
    by: User,
    at: datetime,
    duplex: bool = False,
    knowing: Collection[int] = (),
) -> Taken:
    """Take letters in hand, in this order: those that are in nobody's hand, and not printed (or issued) already.

    `knowing` are letters of which the person was told who has them or has printed them, and wants them all the same:
    these are taken out of the other hand. Two who press at once do not wait for one another: each letter goes to one.
    """
    release(at)
    knowing = set(knowing) & {letter.pk for letter in letters}
    taken_over = f"Taken over by {by} to print again."
    RunLetter.objects.filter(letter__in=knowing, fate="held").update(fate="put_back", why=taken_over)
    run = Run.objects.create(school=school, work=work, duplex=duplex, at=at, by=by)
    parts = [RunLetter(run=run, letter=letter, place=place) for place, letter in enumerate(letters, 1)]
    # Always in the same order, so that two who insert the same letters wait for each other in no circle.
    RunLetter.objects.bulk_create(sorted(parts, key=lambda part: part.letter_id), ignore_conflicts=True)
    done_already(run, knowing).delete()
    mine = list(run.parts.select_related("letter"))
    others = {letter.pk for letter in letters} - {part.letter_id for part in mine}
    elsewhere = list(in_hand(others, at))
    others -= {part.letter_id for part in elsewhere}
    printed = list(Letter.objects.filter(pk__in=others, printed_at__isnull=False).select_related("printed_by"))
    if not mine:
        run.delete()
        return Taken(None, elsewhere, printed)
    audit.record(
        "begin_run", by=by, at=at, school=school, about=about(run),
        changes={"work": work, "letters": [named(part.letter) for part in mine], "again": len(knowing)},
    )  # fmt: skip
    return Taken(run, elsewhere, printed)


def done_already(run: Run, knowing: Collection[int]) -> "QuerySet[RunLetter]":
    """Parts of a run of which the work was done before it got hold of them, between the look and the grasp."""
    if run.work == "print":
        return run.parts.filter(letter__printed_at__isnull=False).exclude(letter__in=knowing)
    return run.parts.filter(letter__issued_at__isnull=False)


def named(letter: Letter) -> str:
    return letter.reference or f"letter {letter.pk}"


# -- the worker ---------------------------------------------------------------------------------------------------


class Claim:
    """A worker's hold on a run: each sign says how far it is."""

    def __init__(self, run: Run, now: Now) -> None:
        assert run.claimed_at is not None
        self.run, self.now, self.moment = run, now, run.claimed_at

    def held(self) -> "QuerySet[Run]":
        return Run.objects.filter(pk=self.run.pk, stage="working", claimed_at=self.moment)

    def sign(self, made: int) -> datetime:
        """A sign of life, and its moment. Raises TakenAway."""
        moment = self.now()
        if not self.held().update(claimed_at=moment, made=made):
            raise TakenAway
        self.moment = moment
        return moment

    def ends(self, stage: str, **values: Any) -> None:
        """The worker's part is over. Raises TakenAway."""
        if not self.held().update(stage=stage, claimed_at=None, **values):
            raise TakenAway


Steps = Mapping[str, Callable[[Run, Claim], None]]


def work(pk: int, steps: Steps, *, now: Now) -> str:
    """Do what a run is for, if nobody else does; the stage in which it then is, or nothing."""
    waiting = Run.objects.filter(pk=pk, stage__in=UNDONE, claimed_at=None)
    if not waiting.update(stage="working", claimed_at=now()):
        return ""
    run = Run.objects.select_related("school", "by").get(pk=pk)
    claim = Claim(run, now)
    try:
        steps[run.work](run, claim)
    except TakenAway:
        log.warning("Run %s was taken from this worker.", pk)
        return ""
    except Exception:
        log.exception("Run %s stopped.", pk)
        fail(claim, "Something went wrong. Nothing counts as done that was not done: begin again with what is left.")
    return str(Run.objects.values_list("stage", flat=True).get(pk=pk))


@transaction.atomic
def fail(claim: Claim, why: str) -> None:
    """A run that cannot go on: its letters are in nobody's hand any more."""
    if claim.held().update(stage="failed", claimed_at=None, why=why):
        claim.run.parts.filter(fate="held").update(fate="failed", why="The run stopped.")


def drop_part(part: int, why: str) -> None:
    """A letter with which it did not work; the others go on."""
    RunLetter.objects.filter(pk=part, fate="held").update(fate="failed", why=why[:300])


def make_file(run: Run, claim: Claim) -> None:
    """Make the PDF for the printer, of the letters' kept bytes."""
    try:
        with print_queue.merged(kept(run, claim), duplex=run.duplex) as pdf:
            name = default_storage.save(run_path(run, ""), File(pdf))
    except ValueError:
        return fail(claim, "None of its letters could be printed.")
    try:
        claim.ends("ready", file=name)
    except TakenAway:
        files.take_away(name)
        raise


def kept(run: Run, claim: Claim) -> Iterator[bytes]:
    """The bytes of a run's letters, in order. A letter that was altered is left out, and its part says so."""
    parts = list(run.parts.filter(fate="held").values_list("pk", flat=True))
    for start in range(0, len(parts), AT_ONCE):
        some = RunLetter.objects.filter(pk__in=parts[start : start + AT_ONCE]).defer("letter__facts", "letter__look")
        for part in some.select_related("letter__document"):
            try:
                pdf = service.kept_bytes(part.letter)
            except service.DamagedLetter:
                log.exception("A letter was left out of run %s.", run.pk)
                drop_part(part.pk, "Its kept PDF is not the one that was issued any more: tell whoever runs Conduct.")
            else:
                yield pdf
        claim.sign(min(start + AT_ONCE, len(parts)))


# -- what came of it ----------------------------------------------------------------------------------------------


def look_at_file(run: Run, *, by: User, at: datetime) -> None:
    """Its file is opened, by somebody who can print it: written down for each letter in it."""
    letters = [part.letter.reference for part in run.parts.exclude(fate="failed").select_related("letter")]
    told = [(reference, {"run": run.pk}) for reference in letters]
    audit.record_all("print_letter", told, by=by, at=at, school=run.school)


@transaction.atomic
def close(run: Run, *, by: User, at: datetime, back: Collection[int] = ()) -> Closed | None:
    """All its letters came out of the printer well, but for the parts `back`. Nothing when somebody said so before.

    A run that had grown stale is closed too, as far as its letters have not gone to others meanwhile.
    """
    if not Run.objects.filter(pk=run.pk, stage="ready").update(stage="closed"):
        return None
    release(at)
    put_back = run.parts.filter(pk__in=list(back), fate__in=["held", "stale"]).update(fate="put_back", why="")
    gone = list(run.parts.filter(fate="put_back").exclude(why=""))  # somebody has taken them over
    gone += [part for part in run.parts.filter(fate="stale") if not hold_again(part, run, at)]
    printed = run.parts.filter(fate="held")
    letters = list(printed.values_list("letter", flat=True))
    Letter.objects.filter(pk__in=letters, printed_at=None).update(printed_at=at, printed_by=by)
    printed.update(fate="done")
    done = [part.letter.reference for part in run.parts.filter(fate="done").select_related("letter")]
    audit.record(
        "close_run", by=by, at=at, school=run.school, about=about(run), changes={"printed": done, "put_back": put_back}
    )
    return Closed(len(done), put_back, gone)


def hold_again(part: RunLetter, run: Run, at: datetime) -> bool:
    """Take a letter of a stale run in hand again, unless somebody else has it, or has printed it meanwhile."""
    try:
        with transaction.atomic():
            RunLetter.objects.filter(pk=part.pk, fate="stale").update(fate="held", why="")
    except IntegrityError:
        other = in_hand([part.letter_id], at).get()
        part.why = f"{other.run.by} has it in hand by now."
        part.save(update_fields=["why"])
        return False
    letter = Letter.objects.select_related("printed_by").get(pk=part.letter_id)
    if letter.printed_at is None or letter.printed_at <= run.at:
        return True
    part.fate, part.why = "stale", f"{letter.printed_by} has printed it meanwhile."
    part.save(update_fields=["fate", "why"])
    return False


# -- what was left lying ------------------------------------------------------------------------------------------


def is_stale(run: Run, at: datetime) -> bool:
    """Whether a print run was not confirmed in time: its letters are in the queue again."""
    return run.work == "print" and run.stage in OPEN and run.at < at - STALE_AFTER


def release(at: datetime) -> int:
    """Letters of print runs that nobody confirmed come back to the queue; how many."""
    # Their fate is asked of the row itself, not of a join: whoever waits for another's update sees what it became.
    old = Run.objects.filter(work="print", at__lt=at - STALE_AFTER)
    return RunLetter.objects.filter(fate="held", run__in=old).update(fate="stale", why="Not confirmed in time.")


def sweep(at: datetime, steps: Steps, *, now: Now) -> int:
    """Look after runs that nobody confirmed, that no worker was told of, or whose worker died; how many were worked on."""
    release(at)
    Run.objects.filter(stage="working", claimed_at__lt=at - SILENT_AFTER).update(claimed_at=None)
    lying = Run.objects.filter(stage__in=UNDONE, claimed_at=None, at__lt=at - UNCLAIMED_AFTER)
    return sum(bool(work(pk, steps, now=now)) for pk in list(lying.order_by("at", "pk").values_list("pk", flat=True)))


def forget_files(at: datetime) -> int:
    """Delete the files of runs that are older than a day, and those that no run names; how many."""
    old = Run.objects.filter(at__lt=at - KEPT_FOR).exclude(file="")
    names = list(old.values_list("file", flat=True))
    old.update(file="")
    files.take_away(*names)
    return len(names) + files.remove_unnamed([FOLDER], named_by_runs)


def named_by_runs(names: list[str]) -> set[str]:
    return set(Run.objects.filter(file__in=names).values_list("file", flat=True))
