"""A ban looked back on: at each decision about it, the situation as it stood then, so that the ladder's own guards can be
asked again; and the deeds by which they were met. Read here, judged by `sanctions.fairness`, which is pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from conduct.calendar import local_date
from conduct.models import Membership, User
from conduct.roles import Role
from sanctions import ladder
from sanctions.dates import CONFIRMATIONS, REVIEWS, BanRecord, TermsFacts
from sanctions.fairness import Deed, Judged, LookedBack
from sanctions.ladder import Attempt, ConsultationFacts, EarlierBan, IncidentFacts, Officer, Served, Situation
from sanctions.models import Decision, Measure
from sanctions.situation import OFFICES, CaseFile, opened_file, record_of, state_of, terms_facts
from sanctions.states import State

STEP = {True: "The severity that asks for it is written down", False: "An earlier step had been used"}
FINDING = (ladder.facts_first_to_find, ladder.own_cause)
PROPOSING = tuple(g for g in ladder.PROPOSE if g not in {ladder.one_live_ban, ladder.no_second_provisional})


class Reader:
    """Reads one ban, with its case, once."""

    def __init__(self, measure: Measure, at: datetime) -> None:
        case, self.at = measure.case, at
        self.file: CaseFile = opened_file(case)
        self.measure = next(m for m in self.file.own if m.pk == measure.pk)
        self.record = record_of(self.measure, self.file.calendar)
        self.referrals = list(case.referrals.all())
        held = Membership.objects.of_school(case.school).order_by("user_id", "pk")
        self.held = list(held.values_list("user_id", "role", "starts_on", "ends_on"))
        self.names = dict(User.objects.filter(pk__in=self.people()).values_list("pk", "name"))

    def people(self) -> set[int]:
        """Everybody who did anything that is told."""
        m = self.measure
        rows: list[Any] = [*m.decisions.all(), *m.sign_offs.all(), *m.representations.all(), *m.answers.all()]
        rows += [*self.referrals, *m.consultations.all()]
        rows += [r for i in self.file.incidents for r in (*i.accounts.all(), *i.findings.all())]
        letters = {cl.letter.signed_by_id for cl in m.case_letters.all()}
        consulted = {c.consulted_id for c in m.consultations.all()}
        return {r.by_id for r in rows} | letters - {None} | consulted | {m.proposed_by_id}

    def name(self, user: int | None) -> str:
        return self.names.get(user or 0, "")

    # -- as it stood then ------------------------------------------------------------------------------------------

    def roles(self, user: int, day: date) -> frozenset[Role]:
        return frozenset(
            Role(role) for who, role, first, last in self.held if who == user and first <= day and day <= (last or day)
        )

    def officers(self, day: date) -> tuple[Officer, ...]:
        users = dict.fromkeys(who for who, role, _, _ in self.held if role in OFFICES)
        found = (Officer(u, self.roles(u, day) & frozenset(OFFICES)) for u in users)
        return tuple(o for o in found if o.roles)

    def incident(self, incident: Any, at: datetime) -> IncidentFacts:
        """An incident as far as it was known at a moment."""
        accounts = [a for a in incident.accounts.all() if a.at <= at]
        findings = [f for f in incident.findings.all() if f.at <= at]
        last = max(findings, key=lambda f: (f.at, f.pk), default=None)
        return IncidentFacts(
            id=incident.pk,
            severity=incident.severity,
            logged_at=incident.logged_at,
            found_at=tuple(f.at for f in findings),
            upheld=bool(last and last.upheld),
            staff_or_witness_account=any(a.of in {"staff", "witness"} for a in accounts),
            subject_heard=any(a.of == "subject" for a in accounts),
        )

    def situation(self, *, by: int, at: datetime, attempt: Attempt, made: int, state: State) -> Situation:
        """What the guards could look at when the decision of that number was taken."""
        m, file = self.measure, self.file
        known = [i for i in file.incidents if i.logged_at <= at]
        said = [r for r in m.representations.all() if r.at <= at]
        replies = [r for r in said if not r.none_received]
        answered = max((a.last_reply_id or 0 for a in m.answers.all() if a.at <= at), default=0)
        record = self.record_then(made, at, state)
        return Situation(
            at=at,
            pack=m.adoption.pack,
            actor=by,
            roles=self.roles(by, local_date(at)),
            attempt=attempt,
            incidents=tuple(self.incident(i, at) for i in known),
            police_told_at=tuple(r.at for r in self.referrals if r.to == "police" and r.at <= at),
            harmed=frozenset(u.pk for i in known for u in i.harmed.all()),
            sole_reporters=sole_reporters_then(known, at),
            officers=self.officers(local_date(at)),
            children=tuple((p.pk, p.name) for p in file.children),
            served=tuple(Served(x.response, x.served_at) for x in file.measures if x.served_at and x.served_at <= at),
            bans=tuple(EarlierBan(State.ENDED, was_confirmed=c) for c in self.confirmed_before(at)),
            response=m.response,
            state=state,
            proposed_at=m.proposed_at,
            proposed_by=m.proposed_by_id,
            decided_by=next((s.by for s in record.steps if s.verb == "decide"), None),
            in_force_letter_issued=bool(record.opening_letters),
            consultations=tuple(
                ConsultationFacts(c.consulted_id, frozenset(Role(r) for r in c.roles), c.by_id == c.consulted_id)
                for c in m.consultations.all()
                if c.at <= at
            ),
            sign_offs=tuple((row.by_id, row.until) for row in m.sign_offs.all() if row.at <= at),
            replies=len(replies),
            unanswered=sum(1 for r in replies if r.pk > answered),
            last_reply_complete=bool(replies) and replies[-1].complete,
            none_received_stands=bool(said) and said[-1].none_received,
            ban=record,
        )

    def record_then(self, made: int, at: datetime, state: State) -> BanRecord:
        """The ban's record before its decision of that number: nothing that came later."""
        steps = tuple(
            replace(s, letter_at=s.letter_at if s.letter_at and s.letter_at <= at else None)
            for s in self.record.steps[:made]
        )
        letters = tuple(r for r in self.record.opening_letters if r.issued_at <= at)
        terms = self.record.opening_terms if made else TermsFacts()
        return replace(
            self.record, state=state, steps=steps, opening_letters=letters, ended_at=None, opening_terms=terms
        )

    def confirmed_before(self, at: datetime) -> list[bool]:
        """Of each other ban of the person proposed by then: whether it had been confirmed, and not withdrawn."""
        found = []
        for other in self.file.bans(besides=self.measure.pk):
            decisions = [d for d in other.decisions.all() if d.at <= at]
            verbs = {d.verb for d in decisions}
            if other.proposed_at <= at:
                found.append(bool(verbs & CONFIRMATIONS) and "withdraw" not in verbs)
        return found

    # -- each decision ---------------------------------------------------------------------------------------------

    def judged(self) -> list[Judged]:
        """The findings, the proposal and each decision, with what the ladder's table asks of it."""
        m = self.measure
        words = {"severity_reason": m.severity_reason, "lesser_options": m.lesser_options}
        first = Attempt(response=m.response, opening=m.opening, **words)
        found = [self.finding(i, f) for i in self.file.incidents for f in list(i.findings.all())[:1]]
        then = self.situation(by=m.proposed_by_id, at=m.proposed_at, attempt=first, made=0, state=State.PROPOSED)
        found.append(Judged("propose", m.proposed_at, self.name(m.proposed_by_id), PROPOSING, then))
        found += [j for n, d in enumerate(m.decisions.all()) if (j := self.decision(n, d))]
        return sorted(found, key=lambda j: j.at)

    def finding(self, incident: Any, finding: Any) -> Judged:
        then = self.situation(
            by=finding.by_id, at=finding.at, attempt=Attempt(incident=incident.pk), made=0, state=State.PROPOSED
        )
        return Judged("find", finding.at, self.name(finding.by_id), FINDING, then)

    def decision(self, number: int, decision: Decision) -> Judged | None:
        """A decision of the ban; nothing of a verb that the table does not have."""
        move = ladder.move(decision.verb, "site_ban")
        if move is None:
            return None
        attempt = Attempt(
            terms=terms_facts(decision.terms),
            equality=decision.equality,
            reasons=decision.reasons,
            run_out=decision.run_out,
        )
        state = self.state_before(number, decision)
        then = self.situation(by=decision.by_id, at=decision.at, attempt=attempt, made=number, state=state)
        return Judged(decision.verb, decision.at, self.name(decision.by_id), move.guards, then)

    def state_before(self, number: int, decision: Decision) -> State:
        earlier = {s.verb for s in self.record.steps[:number]}
        if earlier & CONFIRMATIONS:
            return State.CONFIRMED
        if "decide" not in earlier:
            return State.PROPOSED
        told = any(r.issued_at <= decision.at for r in self.record.opening_letters)
        return State(self.measure.opening) if told and self.measure.opening else State.DECIDED

    # -- who did what ----------------------------------------------------------------------------------------------

    def deeds(self) -> dict[str, tuple[Deed, ...]]:
        """By what they are about."""
        m, name = self.measure, self.name
        reviews = [d for d in m.decisions.all() if d.verb in REVIEWS | {"lift"}]
        return {
            "police": tuple(
                Deed(
                    f"Police told, reference {r.reference}" if not r.not_because else "The reason for not telling them",
                    r.at, name(r.by_id), "referral",
                )
                for r in self.referrals if r.to == "police"
            ),
            "accounts": tuple(
                Deed(account_words(a), a.at, name(a.by_id), i.reference)
                for i in self.file.incidents for a in i.accounts.all()
            ),
            "findings": tuple(
                Deed(f"Upheld: {', '.join(f.upheld)}" if f.upheld else "Nothing upheld", f.at, name(f.by_id), i.reference)
                for i in self.file.incidents for f in i.findings.all()
            ),
            "proposal": (Deed("Proposed", m.proposed_at, name(m.proposed_by_id), "proposal"),),
            "step": (Deed(STEP[bool(m.severity_reason)], m.proposed_at, name(m.proposed_by_id), "proposal"),),
            "weighed": (Deed("Weighed, and written down why they will not do", m.proposed_at, name(m.proposed_by_id)),),
            "consultations": tuple(
                Deed(
                    "Their view, entered in person" if c.by_id == c.consulted_id else f"Their view, by {c.how}",
                    c.at, name(c.consulted_id), "consultation",
                )
                for c in m.consultations.all()
            ),
            "letters": tuple(
                Deed("Letter issued", cl.letter.issued_at, name(cl.letter.signed_by_id), cl.letter.reference)
                for cl in m.case_letters.all()
                if cl.letter.issued_at and cl.letter.kind in ladder.OPENING_KINDS.values()
            ),
            "replies": tuple(
                Deed("No reply had come" if r.none_received else "Reply recorded", r.at, name(r.by_id), "reply")
                for r in m.representations.all()
            ),
            "answers": tuple(Deed("Answered in writing", a.at, name(a.by_id), "answer") for a in m.answers.all()),
            "sign_offs": tuple(
                Deed("Length signed off", row.at, name(row.by_id), "sign-off") for row in m.sign_offs.all()
            ),
            "reviews": tuple(Deed("Reviewed", d.at, name(d.by_id), "review") for d in reviews),
        }  # fmt: skip

    def read(self) -> LookedBack:
        m, pack = self.measure, self.measure.adoption.pack
        ends = next((s.terms.ends for s in reversed(self.record.steps) if s.terms and s.terms.ends), None)
        first = self.record.first_day(self.record.opening_terms.starts or local_date(self.at))
        return LookedBack(
            at=self.at,
            state=state_of(m, self.file.calendar, self.at),
            record=self.record,
            judged=tuple(self.judged()),
            deeds=self.deeds(),
            criminal=any(i.severity == "criminal" for i in self.file.incidents),
            consulted_first=bool(pack.consult_for("site_ban")),
            first_ban_limit=pack.first_ban_limit_days,
            was_first=not any(self.confirmed_before(self.at)),
            long_ban_days=pack.timers.long_ban_days,
            days=(ends - first).days + 1 if ends else None,
            children=len(self.file.children),
            to_one=self.to_one(),
        )

    def to_one(self) -> bool:
        """Whether every opening letter goes to one person of the case, with what its method needs."""
        own = {self.file.case.person_id, self.file.case.person.standing_id}
        issued = [cl.letter for cl in self.measure.case_letters.all() if cl.letter.is_issued]
        opening = [x for x in issued if x.kind in ladder.OPENING_KINDS.values()]
        return all(x.recipient_id in own and x.facts.get("recipient_name") for x in opening)


def sole_reporters_then(known: Iterable[Any], at: datetime) -> frozenset[int]:
    """As `situation.sole_reporters`, of the accounts recorded by then."""
    alone = (i for i in known if not any(
        a.of in {"staff", "witness"} and a.by_id not in i.reporters and a.at <= at for a in i.accounts.all()
    ))  # fmt: skip
    return frozenset(reporter for i in alone for reporter in i.reporters)


def account_words(account: Any) -> str:
    if account.attempted:
        return "The person was tried and not reached"
    words = {"staff": "Account of a member of staff", "witness": "Account of a witness"}
    return words.get(account.of, "The person’s own account")


def look_back(measure: Measure, at: datetime) -> LookedBack:
    """Everything about one ban, in a fixed number of queries."""
    return Reader(measure, at).read()
