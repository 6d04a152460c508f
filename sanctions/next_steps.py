"""What happens next once an incident is logged: whom to tell, whom to speak to, what to keep; each done, or a click away.

By the policy under which the incident is judged. Nothing here is stored but the steps that no other record shows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from conduct.calendar import local_date
from conduct.code import BREACH_OF_BAN
from conduct.models import Membership, School, User
from conduct.roles import Role, may
from conduct.templatetags.words import day_and_time, long_day
from conduct.titles import listed, the
from conduct.whole import Whole
from incidents import reporting
from incidents.models import STEPS, Account, Incident, Step
from sanctions.models import Case, Referral, Task

STEP_KINDS = dict(STEPS)
RECORDINGS = {  # what shows it, by where it was
    "site": "Ask today for the CCTV of that time to be kept: most systems write over it within days.",
    "telephone": "Keep the voicemail, and the entry in the phone’s list of calls.",
    "email": "Keep the email itself, with all that its header says. Do not forward it in place of that.",
    "letter": "Keep the letter and its envelope. Write on neither.",
    "message": "Keep the messages: export them, or make a picture that shows who wrote and when.",
    "social_media": "Make a picture of the post with its address, date and author, before it goes.",
    "other": "Ask whether anybody holds a recording, and that it be kept.",
}


@dataclass(frozen=True)
class Way:
    """One click: an address to go to, or, with a `kind`, a step to record there and then."""

    words: str
    url: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Next:
    """One thing to do: why, how, and by whom it was done where it was."""

    key: str
    title: str
    why: str = ""
    done: str = ""  # how it shows as done; empty while it is not
    ways: tuple[Way, ...] = ()
    urgent: bool = False


@dataclass(frozen=True)
class Agenda:
    """What is to be done about one person's incident."""

    incident: Incident
    case: Case
    known: Whole  # of whom it is about
    steps: tuple[Next, ...]


def told_with(incident: Incident, visible: QuerySet[Case]) -> list[Incident]:
    """The incidents of all whom the same report told of, as far as the user may see their cases, with what is needed."""
    rows = reporting.told_together(incident).filter(in_case__case__in=visible)
    return list(
        rows.select_related(
            "adoption", "subject__identity", "logged_by", "on_behalf_of", "school", "in_case__case__person"
        ).prefetch_related(
            *("clauses", "witnesses", "marks"),
            *("subject__aliases", "subject__identity__aliases"),
            *("harmed", "injuries", "check_ins"),
            Prefetch("accounts", Account.objects.select_related("by")),
            Prefetch("steps", Step.objects.select_related("by")),
            Prefetch("in_case__case__referrals", Referral.objects.select_related("by")),
            Prefetch("in_case__case__tasks", Task.objects.select_related("closed_by")),
        )
    )


def listed_for(
    incidents: list[Incident], roles: frozenset[Role], at: datetime
) -> tuple[tuple[Next, ...], tuple[Agenda, ...]]:
    """What is done once for all of them (the head told, the recording kept, staff looked after), and what about each.
    Of one that is marked as wrong or withdrawn nothing is to be done."""
    names = holders(incidents[0].school, at)
    agendas = tuple(
        Agenda(i, i.in_case.case, i.subject.whole, tuple(steps_of(i, names, roles)) if i.counts else ())
        for i in incidents
    )
    return once_for([i for i in incidents if i.counts], names, roles), agendas


def once_for(incidents: list[Incident], names: dict[str, list[User]], roles: frozenset[Role]) -> tuple[Next, ...]:
    if not incidents:
        return ()
    first = incidents[0]
    return (
        *head_told(first, names, roles),
        recording_kept(first, roles),
        hurt(incidents, roles),
        *check_in(first, roles),
    )


def steps_of(incident: Incident, names: dict[str, list[User]], roles: frozenset[Role]) -> Iterator[Next]:
    """Police first where it may be a crime; then whom the policy tells, whom to speak to, who it was."""
    case = incident.in_case.case
    if incident.severity == "criminal" or incident.danger or BREACH_OF_BAN in incident.clause_ids:
        yield police(incident, case, roles)
    yield from notices(incident, case, names)
    yield staff_account(incident, case, roles)
    yield own_account(incident, case, roles)
    whole = incident.subject.whole
    if not whole.name:
        known = Way("Open what is known of them", reverse("person", args=[incident.subject_id]))
        yield Next(
            "identify",
            "Find out who it was",
            f"Known so far: {whole.description}. A letter needs a name, or somebody to hand it to.",
            ways=(known,) if may(roles, "see_people") else (),
        )


def holders(school: School, at: datetime) -> dict[str, list[User]]:
    """Who holds an office today, by role; those whom the trust appointed among them."""
    rows = Membership.objects.of_school(school).on(local_date(at)).filter(role__in=[Role.HEAD, Role.CHAIR, Role.TRUST])
    found: dict[str, list[User]] = {}
    for held in rows.select_related("user").order_by("user__name", "pk"):
        found.setdefault(held.role, []).append(held.user)
    return found


def named(title: str, users: Iterable[User]) -> str:
    """An office with who holds it: "the school leader, Hari Head"."""
    people = listed(dict.fromkeys(user.name for user in users), "or")
    return f"{the(title)}, {people}" if people else the(title)


def when(who: User, at: datetime) -> str:
    return f"{day_and_time(at)}, by {who}"


def police(incident: Incident, case: Case, roles: frozenset[Role]) -> Next:
    """Told, or the head's reason for not telling; only what was recorded after it was logged counts."""
    told = [r for r in case.referrals.all() if r.to == "police" and r.at >= incident.logged_at]
    title = incident.adoption.pack.title_of(Role.HEAD)
    why = f"It may be a crime. Ring 101, and write down the reference; or {the(title)} writes down why not."
    if BREACH_OF_BAN in incident.clause_ids:
        why = f"They were on the site while banned. Ring 101, and write down the reference; or {the(title)} writes down why not."
    done = ""
    if told:
        last = told[-1]
        done = (
            f"{'Not told, with a reason' if last.not_because else f'Told, {last.reference}'}: {when(last.by, last.at)}"
        )
    ways = [Way("Record that they are told", reverse("refer", args=[case.reference]) + "?to=police")]
    if may(roles, "refer_not_because"):
        ways.append(Way("Write down why not", reverse("do_not_refer", args=[case.reference])))
    return Next("police", "Tell the police", why, done, tuple(ways) if may(roles, "refer") else (), urgent=True)


def notices(incident: Incident, case: Case, names: dict[str, list[User]]) -> Iterator[Next]:
    """Those whom the policy tells of what is significant: the notice is on their Today, and shows when it was read."""
    pack = incident.adoption.pack
    opened = {task.kind: task for task in case.tasks.all() if task.kind in {"trust_notice", "chair_notice"}}
    for role in pack.significant_reports:
        task = opened.get(f"{role}_notice")
        if task is None:
            continue
        who = named(pack.title_of(role), names.get(role, []))
        read = f"Read {when(task.closed_by, task.closed_at)}" if task.closed_at and task.closed_by else ""
        done = read or "It waits on their Today page, due the same day."
        yield Next(f"{role}_notice", f"A notice has gone to {who}", done=done)


def head_told(incident: Incident, names: dict[str, list[User]], roles: frozenset[Role]) -> Iterator[Next]:
    """The head, by title and name; a head who logged it knows."""
    heads = names.get(Role.HEAD, [])
    if {head.pk for head in heads} & incident.reporters:
        return
    who = named(incident.adoption.pack.title_of(Role.HEAD), heads)
    yield recorded(incident, "head_told", f"Tell {who}", "They decide what follows.", "I have told them", roles)


def recording_kept(incident: Incident, roles: frozenset[Role]) -> Next:
    why = RECORDINGS[incident.place]
    step = recorded(incident, "recording_kept", "Keep what shows it", why, "It is kept, or asked for", roles)
    if not may(roles, "add_evidence"):
        return step
    files = reverse("evidence_add", args=[incident.in_case.case.reference, incident.reference])
    return replace(step, ways=(*step.ways, Way("Add a file", files)))


def hurt(incidents: list[Incident], roles: frozenset[Role]) -> Next:
    """Whether anybody was hurt, asked of every incident. Who and what stands on its own page, for the few who may read it."""
    first, title = incidents[0], "Was anybody hurt?"
    why = "The injury rules may ask for a report within days; the page says so and by when."
    step = recorded(first, "nobody_hurt", title, why, "Nobody was hurt", roles)
    if any(incident.injuries.all() for incident in incidents):
        return Next("hurt", title, why, "An injury is recorded")
    place = [first.in_case.case.reference, first.reference]
    ways = (Way("Somebody was hurt", reverse("record_injury", args=place)),) if may(roles, "record_injury") else ()
    return replace(step, key="hurt", ways=(*step.ways, *ways))


def check_in(incident: Incident, roles: frozenset[Role]) -> Iterator[Next]:
    """A talk with whoever was harmed, some days later."""
    harmed = listed([user.name for user in incident.harmed.all()], "and")
    if not harmed:
        return
    talks = list(incident.check_ins.all())
    url = reverse("check_in", args=[incident.in_case.case.reference, incident.reference])
    ways = (Way("Arrange it", url),) if may(roles, "check_in") else ()
    done = f"Arranged for {long_day(talks[0].due_on)}" if talks else ""
    yield Next("check_in", f"Arrange a check-in with {harmed}", "A talk about how they are, some days on.", done, ways)


def recorded(incident: Incident, kind: str, title: str, why: str, words: str, roles: frozenset[Role]) -> Next:
    """A step that is ticked off on the page itself."""
    step = next((s for s in incident.steps.all() if s.kind == kind), None)
    ways = (Way(words, kind=kind),) if may(roles, "log_incident") else ()
    return Next(kind, title, why, f"{STEP_KINDS[kind]}: {when(step.by, step.at)}" if step else "", ways)


def staff_account(incident: Incident, case: Case, roles: frozenset[Role]) -> Next:
    """An account from somebody who was there."""
    found = [a for a in incident.accounts.all() if a.of in {"staff", "witness"}]
    were_there = [incident.told_by, *(w.name for w in incident.witnesses.all())]
    there = listed(dict.fromkeys(filter(None, were_there)), "or")
    why = f"From {there}, in their own words." if there else "In the words of somebody who saw or heard it."
    return account(incident, case, roles, "account", "Get an account from staff or a witness", why, "staff", found)


def own_account(incident: Incident, case: Case, roles: frozenset[Role]) -> Next:
    found = [a for a in incident.accounts.all() if a.of == "subject"]
    why = "Their own side, or how you tried to reach them. Nothing formal goes ahead without it."
    title = f"Speak to {incident.subject.name or 'them, once it is known who it was'}"
    return account(incident, case, roles, "own_account", title, why, "subject", found)


def account(
    incident: Incident,
    case: Case,
    roles: frozenset[Role],
    key: str,
    title: str,
    why: str,
    of: str,
    found: list[Account],
) -> Next:
    url = reverse("incident_deed", args=[case.reference, incident.reference, "account"]) + f"?of={of}"
    ways = (Way("Record it", url),) if may(roles, "record_account") else ()
    return Next(key, title, why, f"Recorded {when(found[0].by, found[0].at)}" if found else "", ways)
