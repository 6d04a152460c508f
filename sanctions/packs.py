"""Packs of documents: a case put before police, trust or lawyers with its referral, or before whoever reviews a ban."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from conduct.calendar import local_date, words
from conduct.models import School, User
from conduct.roles import may
from incidents.models import Evidence
from letters import kinds, placeholders, rendering, wording
from letters.kinds import KINDS
from letters.models import Letter
from sanctions import approvals, contents, correspondence, ladder
from sanctions.ladder import Refusal
from sanctions.models import Case, CaseLetter, Measure, Referral
from sanctions.situation import incidents_of
from sanctions.standing import Refused, locked, permit

KIND_OF = {"police": "police_referral", "trust": "trust_referral", "legal": "legal_referral"}
FOR_REVIEW = "For the review"


def addressee_of(referral: Referral) -> str:
    """To whom a referral usually goes, by name."""
    school: School = referral.case.school
    usual = {"police": school.police_force, "trust": school.trust.name}
    return usual.get(referral.to) or {"police": "The police", "legal": "The school’s legal advisers"}.get(
        referral.to, ""
    )


def usually_asked(case: Case, kind: str, at: datetime) -> str:
    """What a pack of a kind asks in the school's words, what stands in brackets filled in: what somebody typed never is."""
    school: School = case.school
    today = local_date(at)
    known = contents.of_school(school, school.adoption_on(today).pack) | {"date": rendering.written(today)}
    named = placeholders.of(KINDS[kind].facts).items()
    values = {name: str(known[each.fact]) for name, each in named if known.get(each.fact)}
    return "".join(piece for _, piece in placeholders.fill(wording.texts(school, kind)["asked"], values))


def sent_with(referral: Referral) -> QuerySet[CaseLetter]:
    """The packs that have gone with a referral, the earliest first."""
    issued = referral.case_letters.filter(letter__issued_at__isnull=False, letter__kind__in=ladder.PACKS)
    return issued.select_related("letter").order_by("letter__issued_at", "pk")


def does_not_fit(referral: Referral) -> Refusal:
    if referral.not_because:
        return Refusal(
            "wrong-state", "It was written down why they are not told: there is nothing to send. Refer it first."
        )
    return Refusal("wrong-state", f"No pack of this kind goes with a referral to: {referral.get_to_display().lower()}.")


def permit_making(school: School, kind: str, *, by: User, at: datetime) -> None:
    """Whoever may refer, or make what a review reads; and, as the rehearsals have it, whoever issues letters."""
    deed = ladder.PACKS.get(kind, "" if kind else "refer")
    if not deed or not may(by.roles_at(school, local_date(at)), deed):
        permit(by, school, "issue_letter", at)


@transaction.atomic
def draft(
    referral: Referral, *, by: User, at: datetime, kind: str = "", signs: User | None = None,
    addressee: str = "", chosen: dict[str, Any] | None = None, supersedes: Letter | None = None,
) -> CaseLetter:  # fmt: skip
    """Draft the pack of a referral: to whom, and what of the case it holds. Raises Refused."""
    kind = kind or KIND_OF.get(referral.to, "")
    permit_making(referral.case.school, kind, by=by, at=at)
    case = locked(referral.case)
    if referral.not_because or not kind or kind != KIND_OF.get(referral.to):
        raise Refused([does_not_fit(referral)])
    made = correspondence.draft_about(
        case, kind, by=by, at=at, signs=signs or by, referral=referral,
        addressee=addressee.strip() or addressee_of(referral), chosen=chosen,
    )  # fmt: skip
    made.letter.supersedes = supersedes
    made.letter.save(update_fields=["supersedes"])
    return made


@transaction.atomic
def draft_for_review(ban: Measure, *, by: User, at: datetime, chosen: dict[str, Any] | None = None) -> CaseLetter:
    """Draft what whoever reviews a ban is given to read. It is sent to nobody. Raises Refused."""
    permit_making(ban.case.school, "review_pack", by=by, at=at)
    case = locked(ban.case)
    made = correspondence.draft_about(
        case, "review_pack", by=by, at=at, signs=by, measure=ban, addressee=FOR_REVIEW, chosen=chosen
    )
    stands = correspondence.situation(made, by=by, at=at)
    if not correspondence.fits(made, stands):
        raise Refused([ladder.wrong_state(stands)])
    return made


@transaction.atomic
def choose(pack: CaseLetter, *, by: User, at: datetime, addressee: str, chosen: dict[str, Any]) -> CaseLetter:
    """Change to whom a drafted pack goes, and what it holds."""
    permit_making(pack.case.school, pack.letter.kind, by=by, at=at)
    approvals.hold(pack)
    if pack.letter.is_issued:
        raise Refused([correspondence.final(pack.letter)])
    pack.chosen, pack.signatory = chosen, by
    pack.save(update_fields=["chosen", "signatory"])
    pack.letter.addressee = addressee.strip()
    pack.letter.parked_at, pack.letter.parked_why = None, ""  # as it is chosen now it may succeed
    pack.letter.save(update_fields=["addressee", "parked_at", "parked_why"])
    return pack


@transaction.atomic
def issue(pack: CaseLetter, *, by: User, at: datetime, digest: str, method: str = "hand") -> Letter:
    """Issue a pack as its maker has read it: it gets its number and its final bytes. `digest` is that of what was read.

    What has gone with the same referral before is superseded. Raises Refused, and what `press.letter` raises.
    """
    permit_making(pack.case.school, pack.letter.kind, by=by, at=at)
    approvals.hold(pack)
    if pack.letter.is_issued:
        raise Refused([correspondence.final(pack.letter)])
    if by.pk != pack.signs.pk:
        text = f"It goes out in the name of {pack.signs.name}: they issue it, or you make it yours by choosing what it holds."
        raise Refused([Refusal("signer-allowed", text, "letter")])
    where = {"recipient_name": pack.letter.addressee, "recipient_address": pack.chosen.get("address", [])}
    if gap := kinds.recipient_gap({**where, "method": method}):
        lacks = gap.label.lower().removesuffix(" of the person")
        where_to = "Write it at “Their address”, under “Change what it holds”, or pass it on by hand."
        raise Refused([Refusal("one-recipient", f"To send it this way it needs: {lacks}. {where_to}", "letter")])
    if digest != approvals.digest_now(pack, at):
        text = "What it says has changed since you opened it. Read it again as it stands now, then issue it."
        raise Refused([Refusal("approved-as-it-stands", text, "letter")])
    if pack.referral is not None:
        pack.letter.supersedes = replacing(pack.referral)
        pack.letter.save(update_fields=["supersedes"])
    approvals.sign(pack, by=by, at=at)
    return correspondence.issue(pack, by=by, at=at, method=method, signed_by=by)


@transaction.atomic
def issue_kind(
    referral: Referral, kind: str, *, by: User, at: datetime, method: str, signed_by: User, text: str | None = None,
    sent_at: datetime | None = None, supersedes: Letter | None = None,
) -> Letter:  # fmt: skip
    """Draft, sign and issue the pack of a referral with all that it may hold. Raises Refused."""
    made = draft(referral, by=by, at=at, kind=kind, signs=signed_by, supersedes=supersedes)
    made.letter.extra = text or ""
    made.letter.save(update_fields=["extra"])
    approvals.sign(made, by=signed_by, at=at)
    return correspondence.issue(made, by=by, at=at, method=method, signed_by=signed_by, sent_at=sent_at)


def replacing(referral: Referral) -> Letter | None:
    """The pack that a new one of the referral takes the place of."""
    last = sent_with(referral).last()
    return last.letter if last else None


def of_case(case: Case) -> QuerySet[CaseLetter]:
    """The packs of a case, drafted and issued, the earliest first. Whoever sees the case sees them."""
    rows = CaseLetter.objects.filter(case=case, letter__kind__in=ladder.PACKS)
    return rows.select_related(
        "letter__supersedes", "letter__document", "letter__school__trust", "letter__recipient", "referral",
        "measure__adoption", "signatory"
    ).defer("letter__document__content").order_by("letter")  # fmt: skip


def parts_of(case: Case, at: datetime) -> dict[str, list[tuple[int, str]]]:
    """What of a case may be put into a pack: its incidents that count, their evidence, the letters to the person."""
    incidents = [(i.pk, i, f"{i.reference}, {words(local_date(i.occurred_at))}") for i in incidents_of(case)]
    files = Evidence.objects.filter(incident__in=[i.pk for _, i, _ in incidents], withdrawn_at=None)
    letters = Letter.objects.filter(case_letter__case=case, issued_at__lte=at, recipient__isnull=False)
    return {
        "incidents": [(key, label) for key, _, label in incidents],
        "evidence": [
            (e.pk, f"{e.note or e.file.name}, {e.incident.reference}") for e in files.select_related("file", "incident")
        ],
        "letters": [
            (x.pk, f"{x.reference}, {KINDS[x.kind].short.lower()}, {words(local_date(x.issued_at))}")
            for x in letters.defer("facts").order_by("issued_at", "pk")
            if x.issued_at
        ],
    }
