"""What must not grow with the table: finding a person, a look-up at the gate, saving an incident."""

from datetime import timedelta

from conduct import people
from sanctions import gate, inquiry
from tests.bench.measures import FEW, MANY, Result, Taken, growth, taken
from tests.bench.town import NOW, Town

NAMES = ("person-search-growth", "gate-growth", "incident-save-growth")
# Common and rare, whole and begun, spelled alike and mistyped, in either order; a number, an address; and nobody.
# Somebody answers to each but the last at both sizes: where nobody does, a search asks less.
QUESTIONS = (
    *("smi", "smith", "alex sm", "mohammed khan", "khan moh", "o'brien", "muhamad", "shivawn", "rob jones", "marhs"),
    *("kathryn", "shaun murphy", "jhonson", "kowalsky", "al", "07700", "barkensto", "alex.smith", "zzyzx quux"),
)


def measure(wanted: list[str]) -> list[Result]:
    """Take each in a town of few, let it grow, and take each again."""
    town = Town()
    asked = {name: ASKED[name] for name in NAMES if name in wanted}
    at_few = in_town(town, FEW, asked)
    at_many = in_town(town, MANY, asked)
    return [growth(name, at_few[name], at_many[name]) for name in asked]


def in_town(town: Town, number: int, asked) -> dict[str, Taken]:
    town.grow(people=number, incidents=2 * number)
    town.settle()
    return {name: ask(town) for name, ask in asked.items()}


def searching(town: Town) -> Taken:
    return taken(lambda words: people.search(town.school, words), QUESTIONS)


def looking_up(town: Town) -> Taken:
    """Finding, and what applies to whom was found: what the gate does for each pause in the typing."""

    def look(words):
        return gate.applies_to(people.search(town.school, words), town.school, NOW)

    return taken(look, QUESTIONS)


def saving(town: Town) -> Taken:
    """Logging an incident: each time of somebody else, who has a history and no open case."""
    subjects = town.unseen()

    def save(minute):
        when = NOW + timedelta(minutes=minute)
        told = {"clauses": ["U03"], "place": "site", "narrative": "Shouted.", "occurred_at": when}
        return inquiry.log_incident(by=town.world.olive, at=when, subject=next(subjects), **told)

    save(0)  # the first of a year begins the counters
    return taken(save, range(15))


ASKED = {"person-search-growth": searching, "gate-growth": looking_up, "incident-save-growth": saving}
