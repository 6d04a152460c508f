"""What a pack of documents says of a case: neutral lines from what is recorded, without those who are not named in it.

Staff are named with their office. Witnesses stand by their initials unless whoever makes the pack names them; other
families never, by their full names. What is written in other words nobody but a reader can find: the draft is read first.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import prefetch_related_objects

from conduct.calendar import local_date, words
from conduct.code import Pack
from conduct.models import Membership, Person, User, title_of
from incidents.models import Evidence, Witness
from letters import binding
from letters.characters import walk
from letters.kinds import KINDS
from letters.models import Letter
from sanctions import case_page, contents, fairness, ladder
from sanctions.hindsight import account_words, look_back
from sanctions.models import Case, CaseLetter, Measure
from sanctions.situation import CaseFile, dates_of, opened_file, record_of

Facts = dict[str, Any]


@dataclass(frozen=True)
class Chosen:
    """What whoever makes the pack ticked; nothing said of a sort means all of it."""

    asked: str = ""
    incidents: tuple[int, ...] | None = None
    evidence: tuple[int, ...] | None = None
    letters: tuple[int, ...] | None = None
    name_witnesses: bool = False
    address: tuple[str, ...] = ()

    @classmethod
    def of(cls, chosen: Mapping[str, Any]) -> "Chosen":
        lists = {k: tuple(v) for k, v in chosen.items() if k in {"incidents", "evidence", "letters", "address"}}
        return cls(asked=chosen.get("asked", ""), name_witnesses=bool(chosen.get("name_witnesses")), **lists)


def within(ids: tuple[int, ...] | None, key: int) -> bool:
    return ids is None or key in ids


class Gathered:
    """A case read once for a pack, and its parts in words."""

    def __init__(self, case: Case, kind: str, chosen: Chosen, pack: Pack, at: datetime) -> None:
        self.case, self.kind, self.chosen, self.pack, self.at = case, kind, chosen, pack, at
        self.file: CaseFile = opened_file(case)
        prefetch_related_objects(list(self.file.logged_here), "evidence__file", "corrections")
        prefetch_related_objects(self.file.own, "tellings", "contacts", "follows", "meeting_record")
        self.referrals = list(case.referrals.all())
        self.incidents = [i for i in self.file.incidents if within(chosen.incidents, i.pk)]

    # -- who is named ----------------------------------------------------------------------------------------------

    @cached_property
    def staff(self) -> dict[int, str]:
        """Everybody of the school and its trust, with the title of their office."""
        held: dict[int, str] = {}
        rows = Membership.objects.of_school(self.case.school).select_related("user").order_by("user_id", "pk")
        for row in rows:
            held.setdefault(row.user_id, f"{row.user.name} ({title_of(row.role, self.pack)})")
        return held

    def who(self, user: int | None) -> str:
        return self.staff.get(user or 0) or User.objects.get(pk=user).name

    # -- the parts -------------------------------------------------------------------------------------------------

    def about(self) -> list[Facts]:
        known, person = self.case.person.whole, self.case.person
        children = ", ".join(f"{p.name}, {p.year}" if p.year else p.name for p in self.file.children)
        found = [("Name", known.name or known.description), ("Relation to the school", person.get_relation_display())]
        found += [("Children at the school", children)]
        if self.kind in OUTSIDE and not self.protected:
            found += [("Address", known.address), ("Telephone", known.phone), ("Email", known.email)]
        return [{"name": name, "value": value} for name, value in found if value]

    @cached_property
    def protected(self) -> bool:
        return self.case.person.is_protected()

    def chronology(self) -> list[Facts]:
        lines = [line for i in self.incidents for line in self.of_incident(i)]
        lines += [line for m in self.file.measures for line in self.of_measure(m)]
        lines += [line for r in self.referrals for line in self.of_referral(r)]
        lines = [line for line in lines if line.at <= self.at]
        return [line.facts for line in sorted(lines, key=lambda line: line.at)]

    def of_incident(self, i: Any) -> list["Told"]:
        where = f"{i.get_place_display().lower()}, logged as {i.get_severity_display().lower()}"
        found = [
            Told(
                i.occurred_at, f"Incident {i.reference}: {where}", i.narrative, f"Logged by {self.who(i.logged_by_id)}"
            )
        ]
        for a in i.accounts.all():
            found.append(
                Told(
                    a.at,
                    f"{account_words(a)}, {i.reference}",
                    a.text or a.attempted,
                    f"Recorded by {self.who(a.by_id)}",
                )
            )
        for c in i.corrections.all():
            found.append(Told(c.at, f"Correction of {i.reference}", c.text, f"By {self.who(c.by_id)}"))
        for f in i.findings.all():
            said = f"Upheld: {', '.join(f.upheld)}." if f.upheld else "Nothing was upheld."
            found.append(Told(f.at, f"Facts found of {i.reference}", f"{said} {f.reason}", f"By {self.who(f.by_id)}"))
        return found

    def of_measure(self, m: Measure) -> list["Told"]:
        """What became of a measure; of an earlier case only that it was served."""
        name = m.get_response_display()
        if m.case_id != self.case.pk:
            return [Told(m.served_at, f"Earlier: {name.lower()}", "Its letter was issued.", "")] if m.served_at else []
        found = self.of_deciding(m, name) if self.kind not in WITHOUT_DECIDING else []
        for d in m.decisions.all():
            title = case_page.DECISION_TITLES[d.verb]
            title = f"{title}: {name.lower()}" if d.verb in {"decide", "decline", "withdraw"} else title
            found.append(Told(d.at, title, d.reasons, f"By {self.who(d.by_id)}"))
        for t in m.tellings.all():
            found.append(Told(t.at, "Told in words", t.how, f"Recorded by {self.who(t.by_id)}"))
        for r in m.representations.all():
            title = "No reply came by the deadline" if r.none_received else "The person replied"
            found.append(Told(r.at, title, r.text, f"Recorded by {self.who(r.by_id)}"))
        for a in m.answers.all():
            found.append(Told(a.at, "Answered in writing", a.text, f"By {self.who(a.by_id)}"))
        if hasattr(m, "meeting_record"):
            row = m.meeting_record
            found.append(
                Told(row.at, f"Meeting {row.outcome.replace('_', ' ')}", row.notes, f"By {self.who(row.by_id)}")
            )
        for c in m.contacts.all():
            title = f"The person got in touch: {c.get_method_display().lower()}"
            found.append(Told(c.at, title, c.text, f"Logged by {self.who(c.by_id)}"))
        for f in m.follows.all():
            found.append(
                Told(f.at, f.get_step_display(), " ".join(filter(None, [f.where, f.note])), f"By {self.who(f.by_id)}")
            )
        return found + [self.of_letter(cl.letter) for cl in m.case_letters.all() if cl.letter.is_issued]

    def of_deciding(self, m: Measure, name: str) -> list["Told"]:
        """How the school came to it: the proposal with its reasons, who was consulted, what was signed off."""
        why = " ".join(filter(None, [m.severity_reason, m.lesser_options]))
        found = [Told(m.proposed_at, f"Proposed: {name.lower()}", why, f"By {self.who(m.proposed_by_id)}")]
        found += [Told(c.at, f"Consulted: {self.who(c.consulted_id)}", c.view, c.how) for c in m.consultations.all()]
        found += [
            Told(row.at, "Length signed off", f"Up to {words(row.until)}.", f"By {self.who(row.by_id)}")
            for row in m.sign_offs.all()
        ]
        return found

    def of_letter(self, letter: Any) -> "Told":
        received = letter.received.how if letter.received and letter.recipient_id else ""
        return Told(
            letter.issued_at, f"Letter issued: {KINDS[letter.kind].short.lower()}, {letter.reference}", received, ""
        )

    def of_referral(self, r: Any) -> list["Told"]:
        if r.not_because:
            return [Told(r.at, "The police were not told", r.not_because, f"By {self.who(r.by_id)}")]
        to = r.get_to_display()
        found = [Told(r.at, f"Referred: {to}", f"Reference: {r.reference}.", f"By {self.who(r.by_id)}")]
        if r.outcome_at:
            found.append(
                Told(r.outcome_at, f"Outcome of the referral: {to}", r.outcome, f"By {self.who(r.outcome_by_id)}")
            )
        return found

    def clauses(self) -> list[Facts]:
        """Each clause once, in the words of the policy of its day: upheld where it was in any incident of the pack."""
        stands: dict[tuple[str, str], str] = {}
        for i in self.incidents:
            upheld = set(i.finding.upheld) if i.finding else set()
            for c in i.clause_ids:
                key = (c, i.adoption.pack.clause(c).wording)
                word = "Upheld" if c in upheld else "Not upheld" if i.finding else "Alleged"
                stands[key] = max(stands.get(key, ""), word, key=["", "Not upheld", "Alleged", "Upheld"].index)
        return [{"id": c, "wording": wording, "stands": word} for (c, wording), word in sorted(stands.items())]

    @cached_property
    def exhibits(self) -> list[Evidence]:
        rows = [e for i in self.incidents for e in i.evidence.all()]
        return [e for e in rows if e.withdrawn_at is None and within(self.chosen.evidence, e.pk)]

    def evidence(self) -> list[Facts]:
        return [
            {
                "number": f"E{n}",
                "what": e.note or e.file.get_sort_display(),
                "sort": e.file.get_sort_display(),
                "incident": self.reference_of[e.incident_id],
                "on": local_date(e.at),
                "by": self.who(e.by_id),
                "sha256": e.file.sha256,
            }
            for n, e in enumerate(self.exhibits, 1)
        ]

    @cached_property
    def reference_of(self) -> dict[int, str]:
        return {i.pk: i.reference for i in self.file.logged_here}

    def measures(self) -> list[Facts]:
        """Everything that applies to the person on the day, under whichever of their cases."""
        return [self.in_force(m) for m in self.file.measures if self.applies(m)]

    def applies(self, m: Measure) -> bool:
        return m.response in {"site_ban", *ladder.PLANS} and dates_of(m, self.file.calendar).in_force(self.at)

    def in_force(self, m: Measure) -> Facts:
        dated = dates_of(m, self.file.calendar)
        ends, review_on = dated.end_and_review(self.at)
        record = record_of(m, self.file.calendar)
        ends = ends or record.lapses_after
        starts = record.first_day(local_date(self.at)) if m.response == "site_ban" else dated.first_day  # type: ignore[union-attr]
        days = [("from", starts), ("until", ends), ("to be reviewed by", review_on)]
        step = next((s for s in reversed(dated.steps) if s.terms and s.at <= self.at), None)
        terms = step.terms if step else None
        said: list[str] = []
        if terms:
            said = [
                terms.scope,
                f"Exceptions: {terms.exceptions}" if terms.exceptions else "",
                *case_page.plan_lines(terms),
            ]
        return {
            "name": m.get_response_display(),
            "term": ", ".join(f"{word} {words(on)}" for word, on in days if on),
            "terms": "\n".join(filter(None, said)) or "As its letter says.",
        }

    @cached_property
    def letters(self) -> list[Any]:
        """The letters to the person, as issued, that the pack encloses; none where they say a protected address."""
        if self.protected:
            return []
        return [x for x in self.issued if within(self.chosen.letters, x.pk)]

    @cached_property
    def issued(self) -> list[Any]:
        rows = CaseLetter.objects.filter(
            case=self.case, letter__issued_at__lte=self.at, letter__recipient__isnull=False
        )
        return [cl.letter for cl in rows.select_related("letter__document").order_by("letter__issued_at", "pk")]

    def enclosed(self) -> list[Facts]:
        found = []
        for letter in self.letters:
            many = binding.pages_in(bytes(letter.document.content))
            found.append(
                {
                    "reference": letter.reference,
                    "kind": KINDS[letter.kind].short,
                    "on": local_date(letter.issued_at),
                    "pages": [f"{n} of {many}" for n in range(1, many + 1)],
                    "sha256": letter.document.sha256,
                }
            )
        return found

    # -- what was left out -----------------------------------------------------------------------------------------

    def left_out(self) -> list[Facts]:
        found = [*self.left_out_by_choice(), *self.left_out_always()]
        return [{"what": what, "why": why} for what, why in found]

    def left_out_by_choice(self) -> Iterable[tuple[str, str]]:
        here = self.file.logged_here
        unticked = [i.reference for i in here if i.counts and i not in self.incidents]
        marked = [i.reference for i in here if not i.counts]
        files = [e for i in here for e in i.evidence.all()]
        out = sum(1 for e in files if e.withdrawn_at)
        other = len(files) - out - len(self.exhibits)
        if unticked:
            yield f"Incidents of this case: {', '.join(unticked)}", "They are not needed for what is asked."
        if marked:
            yield f"Incidents that do not count: {', '.join(marked)}", "They were logged wrongly, or withdrawn."
        if other:
            yield plural(other, "file", "kept as evidence"), "Not needed for what is asked, or of an incident left out."
        if out:
            yield plural(out, "file", "taken out of the evidence"), "Put in by mistake: it shows nothing of this case."
        if self.protected:
            yield NO_ADDRESS, "The address is protected."
        elif len(self.letters) < len(self.issued):
            yield plural(len(self.issued) - len(self.letters), "letter", "as issued"), "Not needed for what is asked."

    def left_out_always(self) -> Iterable[tuple[str, str]]:
        if not self.chosen.name_witnesses:
            yield "The names of witnesses", "They stand by their initials. The school has the names."
        yield "The names of other families’ children and adults", "This case is not about them."
        yield "Records of injuries, of health and of needs", "Health data: to be asked for separately, where needed."
        yield (
            "The files of the evidence themselves",
            "They are listed with their fingerprints, and handed over separately.",
        )
        yield "Drafts, and what was prepared and not decided", "Nobody was told them."
        if self.kind in WITHOUT_DECIDING:
            yield (
                "Proposals and consultations within the school",
                "How the school weighed it is not what is asked about.",
            )
        yield "Everything else of the school", "This pack is about one case."

    def whole(self) -> Facts:
        evidence, measures, enclosed = self.evidence(), self.measures(), self.enclosed()
        named = "by their names" if self.chosen.name_witnesses else "by their initials"
        return {
            "case_reference": self.case.reference,
            "about": self.about(),
            "chronology": self.chronology(),
            "clauses": self.clauses(),
            "evidence": evidence,
            "evidence_words": EVIDENCE if evidence else "No file is kept as evidence of what stands in this pack.",
            "measures": measures,
            "measures_words": f"On {words(local_date(self.at))}:" if measures else "No measure is in force today.",
            "enclosed": enclosed,
            "enclosed_words": ENCLOSED if enclosed else "No letter is enclosed.",
            "names_words": f"Staff are named with their office. Witnesses stand {named}. Nobody else is named.",
            "left_out": self.left_out(),
        }


NO_ADDRESS = "The person’s address, and the letters that say it"


def tells_address(row: Letter) -> bool:
    """Whether a letter is an issued pack that says where the person of its case lives, or encloses what says it."""
    if row.kind not in ladder.PACKS or not row.is_issued:
        return False
    return not any(each["what"] == NO_ADDRESS for each in row.facts["left_out"])


OUTSIDE = frozenset({"police_referral", "legal_referral"})
WITHOUT_DECIDING = frozenset({"police_referral"})
EVIDENCE = "The school keeps each file as it came. Its fingerprint shows that a copy is the same."
ENCLOSED = "They follow page for page as they were issued. The fingerprint is that of each letter’s own file."


@dataclass(frozen=True)
class Told:
    """A line of the chronology with its moment."""

    at: datetime
    what: str
    text: str
    by: str

    @property
    def facts(self) -> Facts:
        text = self.text.strip()
        by = f"{self.by}." if self.by else ""
        return {
            "on": local_date(self.at),
            "what": self.what,
            "told": "\n".join(filter(None, [text, by])) or "Recorded.",
        }


def plural(count: int, what: str, more: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'} {more}"


# -- the review ---------------------------------------------------------------------------------------------------


def for_review(ban: Measure, gathered: Gathered, at: datetime) -> Facts:
    """What whoever reviews a ban is given beside the pack: dates, what the person said, what has happened since, fairness."""
    told = look_back(ban, at)
    confirmation = told.record.confirmation
    fresh = next(m for m in gathered.file.own if m.pk == ban.pk)
    said = [line for line in gathered.of_measure(fresh) if line.what in SAID]
    since = confirmation.at if confirmation else ban.proposed_at
    later = sum(1 for i in gathered.file.logged if i.counts and i.logged_at > since)
    further = "Nothing further has been recorded" if not later else plural(later, "further incident", "recorded")
    return {
        "dates": dates_in_words(told, at),
        "views": [line.facts for line in sorted(said, key=lambda line: line.at)],
        "views_words": "In their own words, with our answers." if said else "They have said nothing so far.",
        "since": f"{further} since {words(local_date(since))}.",
        "fairness": [{"asks": x.asks, "verdict": x.verdict.label, "how": x.how} for x in fairness.certificate(told)],
    }


SAID = frozenset({"The person replied", "No reply came by the deadline", "Answered in writing"})


def dates_in_words(told: fairness.LookedBack, at: datetime) -> list[Facts]:
    record = told.record
    ends, review_on = record.end_and_review(at)
    first = next((p.first for p in record.periods()), None)
    found: list[tuple[str, str]] = [("Where it stands", told.state.label)]
    if first:
        found.append(("First day in force", words(first)))
    if record.window:
        found.append(("Time to reply ended", f"{words(record.window.on)}\n{record.window.how}"))
    if record.decision_by:
        found.append(("To be decided by", words(record.decision_by)))
    if record.confirmation:
        found.append(("Decided", words(local_date(record.confirmation.at))))
    found += [(name, words(on)) for name, on in (("Review by", review_on), ("Last day", ends)) if on]
    return [{"name": name, "value": value} for name, value in found]


# -- who is not named ---------------------------------------------------------------------------------------------


def veils(case: Case, *, name_witnesses: bool) -> dict[str, str]:
    """Each full name that a pack does not say, and what stands in its place. Staff are named."""
    rows = case.person.rows()
    own = {*case.person.every_pupil().values_list("name", flat=True), *rows.values_list("name", flat=True)}
    staff = set(Membership.objects.of_school(case.school).values_list("user__name", flat=True))
    witnesses = set(Witness.objects.filter(incident__in_case__case=case).values_list("name", flat=True))
    witnesses |= contents.reported_for(case)
    pupils = case.school.pupils.exclude(adults__in=rows).values_list("name", flat=True)
    adults = set(Person.objects.filter(pupils__adults__in=rows).exclude(pk__in=rows).values_list("name", flat=True))
    adults |= contents.co_subjects(case, case.person)
    found = dict.fromkeys(pupils, "[another child]") | dict.fromkeys(adults, "[another adult]")
    if not name_witnesses:
        found |= {name: initials(name) for name in witnesses}
    return {name: veil for name, veil in found.items() if name.strip() and name not in own | staff}


def initials(name: str) -> str:
    return "".join(f"{part[0].upper()}." for part in re.split(r"[\s-]+", name) if part)


def veiled(facts: Facts, hidden: Mapping[str, str]) -> Facts:
    """The same facts without these names. One written so strangely that it is missed is refused by `no-third-parties`."""
    said: list[str] = []
    walk(facts, lambda text: said.append(text) or text)  # type: ignore[func-returns-value]
    there = contents.named_in("\n".join(said), set(hidden))
    for name in sorted(there, key=len, reverse=True):
        apart = r"\s+".join(re.escape(part).replace("'", "['’ʼ]").replace("’", "['’ʼ]") for part in name.split())
        pattern = re.compile(rf"(?<!\w){apart}(?!\w)", re.IGNORECASE)
        facts = walk(facts, lambda text, p=pattern, v=hidden[name]: p.sub(v, text))
    return facts


def as_lists(value: Any) -> Any:
    """As JSON holds it: lists for tuples, days as text."""
    if isinstance(value, Mapping):
        return {key: as_lists(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_lists(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def facts(case_letter: CaseLetter, pack: Pack, *, at: datetime) -> Facts:
    """Everything that a pack says beyond what every letter says."""
    case, kind = case_letter.case, case_letter.letter.kind
    chosen = Chosen.of(case_letter.chosen)
    gathered = Gathered(case, kind, chosen, pack, at)
    told = gathered.whole()
    if kind == "review_pack":
        assert case_letter.measure is not None
        told |= for_review(case_letter.measure, gathered, at)
    told = veiled(as_lists(told), veils(case, name_witnesses=chosen.name_witnesses))
    found = as_lists(told)
    found |= {"asked": chosen.asked} if chosen.asked else {}
    return found | ({"recipient_address": list(chosen.address)} if chosen.address else {})
