"""The schools, the people who work there and those whom cases are about, made from cast.toml."""

import random
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password

from conduct.models import Adoption, Membership, Person, School, SchoolClosure, Trust, User
from conduct.roles import Role
from sanctions.demo.year import closures_around, school_year_of

PEOPLE = 40  # a school
COUPLES = 4  # of those made from the pools of names: so many children have both their parents among the people
YEARS = ("Year 3", "Year 4", "Year 5", "Year 6")
TRAITS = ("nicknames", "description", "relation", "language", "adjustments", "large_print")
FORTNIGHT = timedelta(days=13)


@cache
def cast() -> Mapping[str, Any]:
    """All of cast.toml."""
    return tomllib.loads(Path(__file__).with_name("cast.toml").read_text(encoding="utf-8"))


def long_ago(today: date) -> date:
    """The first day of everybody's office: before anything in the demonstration happened."""
    return date(school_year_of(today) - 4, 9, 1)


def found_trust(slug: str, today: date, hashed: str) -> Trust:
    """A trust with its two accounts, made when its first school is."""
    plan = cast()["trusts"][slug]
    trust, made = Trust.objects.get_or_create(slug=slug, defaults={"name": plan["name"]})
    for n, name in enumerate(plan["staff"] if made else [], 1):
        user = User.objects.create(email=f"trust{n}@{slug}.example", name=name, password=hashed)
        user.memberships.create(role=Role.TRUST, trust=trust, starts_on=long_ago(today))
    return trust


def found_school(plan: Mapping[str, Any], trust: Trust, today: date) -> School:
    """A school with its letterhead, its policy and its calendar."""
    school = School.objects.create(
        trust=trust,
        name=plan["name"],
        slug=plan["slug"],
        address=plan["address"],
        phone=plan["phone"],
        email=f"office@{plan['slug']}.example",
        contact_name=plan["staff"]["office"][0],
        contact_role="School office",
        police_force=plan["police_force"],
    )
    Adoption.objects.create(school=school, pack_key=plan["pack"], starts_on=long_ago(today))
    SchoolClosure.objects.bulk_create(
        SchoolClosure(school=school, first=c.first, last=c.last, reason=c.reason)
        for c in closures_around(today, plan["second_inset"])
    )
    return school


def hire(school: School, plan: Mapping[str, Any], today: date, hashed: str) -> None:
    """Two accounts of each role; the second head is the deputy, acting head for a fortnight."""
    since = long_ago(today)
    for role, names in plan["staff"].items():
        for n, name in enumerate(names, 1):
            user = User.objects.create(email=f"{role}{n}@{school.slug}.example", name=name, password=hashed)
            if role == Role.HEAD and n == 2:
                start = today + timedelta(days=plan["acting_head_in_days"])
                user.memberships.create(role=Role.SENIOR, school=school, starts_on=since)
                user.memberships.create(role=role, school=school, starts_on=start, ends_on=start + FORTNIGHT)
            else:
                user.memberships.create(role=role, school=school, starts_on=since)


def hashed(password: str) -> str:
    """The password as it is stored: worked out once for all accounts, since it is slow by design."""
    return make_password(password)


def staff_of(school: School) -> dict[str, User]:
    """The accounts of a school and its trust, by the first part of their email: office1, head1, trust2."""
    held = Membership.objects.of_school(school).select_related("user")
    return {m.user.email.partition("@")[0]: m.user for m in held}


class Crowd:
    """Makes the people of a school: those in cast.toml, then others from the pools of names."""

    def __init__(self, school: School, plan: Mapping[str, Any], rng: random.Random) -> None:
        self.school, self.plan, self.rng = school, plan, rng
        self.taken = {name for names in plan["staff"].values() for name in names}
        self.count = 0

    def gather(self) -> tuple[dict[str, Person], list[Person]]:
        """People with a part in a story, by its key; and the others."""
        parts: dict[str, Person] = {}
        others: list[Person] = []
        for told in self.plan["people"]:
            person = self.known(told)
            if told["story"]:
                parts[told["story"]] = person
            else:
                others.append(person)
        made = PEOPLE - len(self.plan["people"])
        others += [self.known(told) for told in self.invented(made)]
        return parts, others

    def invented(self, count: int) -> Iterator[dict[str, Any]]:
        """People from the pools; the first of them come in couples."""
        pools = cast()["names"]
        weights = [len(pool["given"]) for pool in pools]
        left = count
        while left:
            pool = self.rng.choices(pools, weights)[0]
            family = self.rng.choice(pool["family"])
            children = [self.fresh_name(pool["children"], family) for _ in range(self.rng.choice((1, 1, 1, 2)))]
            for _ in range(2 if count - left < 2 * COUPLES else 1):
                yield {"name": self.fresh_name(pool["given"], family), "children": children}
                left -= 1

    def fresh_name(self, given: list[str], family: str) -> str:
        """A full name of that family that nobody bears yet."""
        name = self.rng.choice([full for one in given if (full := f"{one} {family}") not in self.taken])
        self.taken.add(name)
        return name

    def known(self, told: Mapping[str, Any]) -> Person:
        """One person with address, email and telephone, and their children."""
        self.count += 1
        traits = {k: told[k] for k in TRAITS if k in told}
        if "name" in told:
            traits |= {"name": told["name"], "phone": f"07700 900{self.plan['mobiles_from'] + self.count}"}
            traits |= {"address": told.get("address", self.address()), "email": self.email()}
        person = Person.objects.create(school=self.school, **traits)
        for name in told.get("children", []):
            self.taken.add(name)
            pupil, _ = self.school.pupils.get_or_create(name=name, defaults={"year": self.rng.choice(YEARS)})
            person.links.create(pupil=pupil, may_collect=True)
        return person

    def address(self) -> str:
        """An address in the town; one in twelve is not known to the school."""
        if self.count % 12 == 11:
            return ""
        number, street = self.rng.randint(2, 88), self.rng.choice(self.plan["streets"])
        return f"{number} {street}\n{self.plan['town']}\n{self.rng.choice(self.plan['postcodes'])}"

    def email(self) -> str:
        """Most have one. It is not made of the name: half of the alphabets here would not fit."""
        return f"family{self.count:02}.{self.school.slug}@post.example" if self.count % 5 else ""
