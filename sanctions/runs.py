"""The runs of the post room: who may print, which letters go into a run, and issuing all that are approved."""

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from conduct.celery import app
from conduct.models import School, User
from letters import characters, rendering, runs
from letters.models import Letter, Run, RunLetter
from letters.runs import Claim, Closed, Taken
from sanctions import approvals, correspondence, parking, post
from sanctions.models import CaseLetter
from sanctions.standing import Refused, permit

log = logging.getLogger(__name__)
Now = Callable[[], datetime]

TASK = "sanctions.tasks.work_run"
AT_ONCE = {"print": 25, "issue": 5}  # so many the clerk waits for; what is larger the worker does


# -- begun --------------------------------------------------------------------------------------------------------


def permit_printing(by: User, school: School, at: datetime) -> None:
    """Whoever prints letters reads their addresses, and those of protected people are among them."""
    permit(by, school, "post_letter", at)
    permit(by, school, "see_protected_address", at)


def begin_printing(
    school: School, ids: Collection[int], *, by: User, at: datetime, duplex: bool = False, knowing: Collection[int] = ()
) -> Taken:
    """Take letters in hand to print them as one file, in the order of their addresses; of more than one run holds those that
    were issued first. See `letters.runs.take`.

    Raises Refused; Letter.DoesNotExist when an id is not that of an issued letter of the school.
    """
    permit_printing(by, school, at)
    found = list(Letter.objects.filter(post.OF_THE_POST_ROOM, school=school, issued_at__isnull=False, pk__in=ids))
    if len(found) != len(set(ids)):
        raise Letter.DoesNotExist("not an issued letter of this school")
    found = sorted(found, key=lambda letter: (letter.issued_at, letter.pk))
    some, left = sorted(found[: runs.MOST], key=post.address_order), len(found[runs.MOST :])
    taken = runs.take(school, some, work="print", by=by, at=at, duplex=duplex, knowing=knowing)
    return replace(set_going(taken, at), left=left)


def begin_issuing(school: School, *, by: User, at: datetime) -> Taken:
    """Take all drafts in hand that their signatories have approved, to issue each in the way that is usual for it."""
    permit(by, school, "issue_letter", at)
    found = list(approved(school)[: runs.MOST])
    return set_going(runs.take(school, found, work="issue", by=by, at=at), at)


def approved(school: School) -> "QuerySet[Letter]":
    """The drafts that wait to be issued and need nobody any more. What could not be printed before waits apart."""
    return post.letters_in(post.BY_KEY["to-issue"], school).filter(approved=True, parked_at=None)


def set_going(taken: Taken, at: datetime) -> Taken:
    """A small run is worked on while one waits; a larger one by the worker."""
    run = taken.run
    if run is None:
        return taken
    if run.parts.count() <= AT_ONCE[run.work]:
        work(run.pk, now=lambda: at)
        run.refresh_from_db()
    else:
        transaction.on_commit(lambda: send(run.pk))
    return taken


def send(pk: int) -> None:
    """Tell a worker of a run. A broker that is down must not fail the request: the sweep finds the row."""
    try:
        app.send_task(TASK, (pk,), retry=False)
    except Exception as lost:  # each transport raises errors of its own, and every one of them means the same here
        log.warning("The broker took no message (%s): run %s waits for the next sweep.", lost, pk)


def close(run: Run, *, by: User, at: datetime, back: Collection[int] = ()) -> Closed | None:
    """Say that a run came out of the printer well, but for its parts `back`. See `letters.runs.close`."""
    permit_printing(by, run.school, at)
    return runs.close(run, by=by, at=at, back=back)


# -- worked on ----------------------------------------------------------------------------------------------------


def work(pk: int, *, now: Now) -> str:
    """Do what a run is for, if nobody else does; the stage in which it then is, or nothing."""
    return runs.work(pk, STEPS, now=now)


def sweep(at: datetime, *, now: Now) -> int:
    """Look after the runs that were left lying; how many were worked on."""
    return runs.sweep(at, STEPS, now=now)


def issue_all(run: Run, claim: Claim) -> None:
    """Issue the letters of a run one by one, each by itself: what is refused says why, and the others go on."""
    parts = list(run.parts.filter(fate="held"))
    done = run.parts.exclude(fate="held").count()  # by a worker that died
    for made, part in enumerate(parts, done):
        at = claim.sign(made)
        try:
            issue_part(part, by=run.by, at=at)
        except Refused as refused:
            runs.drop_part(part.pk, " ".join(refusal.text for refusal in refused.refusals))
        except (characters.CannotPrint, rendering.IncompleteLetter) as stopped:
            runs.drop_part(part.pk, str(stopped))
        except Exception:
            log.exception("Letter %s of run %s was not issued.", part.letter_id, run.pk)
            runs.drop_part(part.pk, "Something went wrong with this one. Open it and try again.")
    claim.ends("closed", made=done + len(parts))


def issue_part(part: RunLetter, *, by: User, at: datetime) -> None:
    """Issue one letter of a run, or set it aside. Raises what `correspondence.issue` raises."""
    about = CaseLetter.objects.select_related(
        "letter__school__trust", "letter__recipient", "case", "measure__case__school", "measure__adoption",
        "decision__by", "signatory", "referral",
    ).get(letter=part.letter_id)  # fmt: skip
    method = correspondence.usual_method(about)

    @transaction.atomic
    def issue() -> None:
        correspondence.issue(about, by=by, at=at, method=method, signed_by=about.signs)
        RunLetter.objects.filter(pk=part.pk, fate="held").update(fate="done")

    try:
        parking.made_or_parked(about, issue, by=by, at=at)
    except Refused as refused:
        approvals.asked_when_refused(about, refused, by=by, at=at)
        raise


STEPS: runs.Steps = {"print": runs.make_file, "issue": issue_all}
