"""A school and its people, and cases that reach a state by walking there through the verbs."""

from datetime import UTC, date, datetime

import factory

from conduct.calendar import LONDON
from conduct.models import Adoption, Membership, Person, Pupil, School, Trust, User
from sanctions import approvals, bans, correspondence, inquiry, measures
from sanctions.dates import TermsFacts
from sanctions.models import CaseLetter, Measure

LONG_AGO = date(2000, 1, 1)
STAFF = {
    "olive": "office",
    "sena": "senior",
    "hari": "head",
    "cora": "chair",
    "tess": "trust",
    "adam": "admin",
    "gail": "gate",
    "rita": "records",
    "sid": "sysadmin",
}


def at(text: str) -> datetime:
    """A moment from local time: at("2026-03-02 08:50")."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


class TrustFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Trust

    name = factory.Sequence(lambda n: f"Trust {n}")
    slug = factory.Sequence(lambda n: f"trust-{n}")


class SchoolFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = School

    trust = factory.SubFactory(TrustFactory)
    name = factory.Sequence(lambda n: f"School {n}")
    slug = factory.Sequence(lambda n: f"school-{n}")
    address = "1 School Lane\nTownham\nTW1 1AA"
    phone = "01632 960001"
    email = "office@school.example"
    contact_name = "Olive Oak"
    contact_role = "School office"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    name = "Somebody"
    email = factory.Sequence(lambda n: f"user{n}@school.example")


class PersonFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Person

    name = factory.Sequence(lambda n: f"Person {n}")
    relation = "parent"
    address = "1 High Street, Southampton SO19 1AA"


def signed(draft: CaseLetter, when: str = "2026-03-02 09:50") -> CaseLetter:
    """A draft that its signatory has approved as it stands."""
    approvals.sign(draft, by=draft.signs, at=at(when))
    return draft


class World:
    """A school under a pack, its staff by first name (`world.hari`), and Alex Marsh, parent of Robin Marsh."""

    def __init__(self, pack: str = "sholing", trust: Trust | None = None, staff: dict[str, str] | None = None) -> None:
        self.school = SchoolFactory(trust=trust or TrustFactory())
        Adoption.objects.create(school=self.school, pack_key=pack, starts_on=LONG_AGO)
        for name, role in (staff if staff is not None else STAFF).items():
            setattr(self, name, self.hire(role, name.capitalize() + " " + role.capitalize()))
        self.alex = self.person("Alex Marsh", pupils=["Robin Marsh"])

    def hire(self, role: str, name: str = "Somebody", **dates: date) -> User:
        """A new member of staff with a role, from long ago unless dates are given."""
        user = UserFactory(name=name)
        self.give(user, role, **dates)
        return user

    def give(self, user: User, role: str, **dates: date) -> Membership:
        where = {"trust": self.school.trust} if role == "trust" else {"school": self.school}
        return Membership.objects.create(user=user, role=role, **{"starts_on": LONG_AGO, **dates}, **where)

    def person(self, name: str, pupils: list[str] | None = None, **fields: object) -> Person:
        person = PersonFactory(school=self.school, name=name, **fields)
        for pupil in pupils or []:
            person.links.create(pupil=Pupil.objects.get_or_create(school=self.school, name=pupil, year="Year 4")[0])
        return person

    # -- the way up: each method walks one step further, at the moments of the first story --------------------------

    def incident(self, when: str = "2026-03-02 08:50", subject: Person | None = None, **told: object):
        """An incident as the office logs it: shouting and a threat, serious."""
        told = {"clauses": ["U03", "U05"], "place": "site", "narrative": "Shouted at the receptionist.", **told}
        return inquiry.log_incident(by=told.pop("by", self.olive), at=at(when), subject=subject or self.alex, **told)

    def heard(self, incident, when: str = "2026-03-03 09:00") -> None:
        """Accounts from staff and from the person."""
        inquiry.record_account(incident, by=self.sena, at=at(when), of="staff", text="He leaned over the counter.")
        inquiry.record_account(incident, by=self.sena, at=at(when), of="subject", attempted="Rang twice.")

    def found(self, incident, when: str = "2026-03-10 10:00", by: User | None = None, upheld: list[str] | None = None):
        """Accounts, and the clauses upheld."""
        self.heard(incident)
        return inquiry.find(incident, by=by or self.hari, at=at(when), upheld=upheld or incident.clause_ids)

    def terms(self, **changed: object) -> TermsFacts:
        """Terms of a provisional ban from 2 March 2026."""
        handover = tuple((pupil.pk, "Grandmother brings and collects") for pupil in self.alex.pupils.all())
        usual = {
            "starts": date(2026, 3, 2),
            "latest_decision_on": date(2026, 3, 31),
            "scope": "The whole site",
            "contact_who": "Olive Office",
            "contact_methods": ("email", "telephone"),
            "handover": handover,
        }
        return TermsFacts(**{**usual, **changed})  # type: ignore[arg-type]

    def final_terms(self, **changed: object) -> TermsFacts:
        """Terms of a ban confirmed on 19 March 2026."""
        return self.terms(
            **{"latest_decision_on": None, "ends": date(2026, 5, 22), "review_on": date(2026, 5, 8), **changed}
        )

    def proposed(self, when: str = "2026-03-02 09:12", opening: str = "provisional", **told: object) -> Measure:
        """A ban proposed by the office after an incident."""
        if not self.alex.cases.filter(closed_at=None).exists():
            self.incident()
        words = {"severity_reason": "A threat of violence.", "lesser_options": "A letter would not keep her safe."}
        by = told.pop("by", self.olive)
        return measures.propose(
            self.alex, by=by, at=at(when), response="site_ban", opening=opening, **{**words, **told}
        )

    def decided(self, terms: TermsFacts | None = None, **told: object) -> Measure:
        """The chair consulted in person, and the ban decided by the head."""
        ban = self.proposed(**told)
        measures.consult(
            ban, by=self.cora, at=at("2026-03-02 09:30"), consulted=self.cora, how="telephone", view="Yes."
        )
        measures.decide(ban, by=self.hari, at=at("2026-03-02 09:40"), terms=terms or self.terms())
        return ban

    def opened(self, method: str = "post", **told: object) -> Measure:
        """The opening letter issued on 2 March 2026 at 10:00."""
        ban = self.decided(**told)
        kind = {"provisional": "provisional_ban", "intent": "intent_to_ban"}[ban.opening]
        correspondence.issue_kind(
            ban, kind, by=self.adam, at=at("2026-03-02 10:00"), method=method, signed_by=self.hari
        )
        ban.refresh_from_db()
        return ban

    def replied(self, complete: bool = True) -> Measure:
        """The facts found, a reply received and answered."""
        ban = self.opened()
        self.found(ban.case.incidents.get())
        bans.represent(ban, by=self.olive, at=at("2026-03-18 15:00"), text="I was provoked.", complete=complete)
        bans.answer(ban, by=self.hari, at=at("2026-03-19 09:30"), text="The apology is noted.")
        return ban

    def confirmed(self, issue: bool = True, terms: TermsFacts | None = None) -> Measure:
        """Confirmed by the chair on 19 March 2026, and its letter issued ten minutes later."""
        ban = self.replied()
        bans.confirm(
            ban, by=self.cora, at=at("2026-03-19 10:00"), reasons="Established.", equality="Asked.",
            terms=terms or self.final_terms(),
        )  # fmt: skip
        if issue:
            correspondence.issue_kind(
                ban, "ban_confirmed", by=self.adam, at=at("2026-03-19 10:10"), method="post", signed_by=self.cora
            )
        ban.refresh_from_db()
        return ban
