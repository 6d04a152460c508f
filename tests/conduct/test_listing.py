"""What a list takes from an address, and which addresses it makes."""

from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conduct.listing import BoundedPaginator, Choice, Listing, Order, Scope, beginning, clean, equals, since, until
from conduct.models import Person
from tests.factories import at

LISTING = Listing(
    name="things",
    filters=(
        Choice("show", "Things", equals("x"), (("open", "Open"), ("all", "All")), default="open"),
        Choice("place", "Where", equals("place"), (("site", "On the site"), ("email", "Email")), "Anywhere"),
        since("from", "From", "at"),
        until("to", "Up to", "at", after="from"),
    ),
    orders={"when": Order("when", ("at",)), "who": Order("who", ("folded", "at"))},
    order="-when",
    heads=(("Who", "who"), ("When", "when"), ("What", "")),
)
SCOPE = Scope(school=None, user=None, at=at("2026-03-02 08:50"))


def read(**told):
    return LISTING.read({name.removesuffix("_"): text for name, text in told.items()}, SCOPE)


def test_an_address_that_asks_nothing_shows_the_usual():
    state = read()
    assert (state.chosen, state.q, state.order, state.remarks) == ({"show": "open"}, "", "-when", ())
    assert (state.query(), state.chips, state.narrowed, state.order_words) == ("", [], False, "")
    assert state.in_words == ["Things: Open"]


def test_what_an_address_asks_is_taken_said_and_linked_without_each():
    state = read(place="email", from_="2026-03-02", to="2026-03-02", q=" Marsh ", order="who")
    assert state.chosen == {
        "show": "open", "place": "email", "from": date(2026, 3, 2), "to": date(2026, 3, 2),
    }  # fmt: skip
    assert state.query() == "q=Marsh&order=who&place=email&from=2026-03-02&to=2026-03-02"
    assert [(c.label, c.words, c.query) for c in state.chips] == [
        ("Search", "“Marsh”", "order=who&place=email&from=2026-03-02&to=2026-03-02"),
        ("Where", "Email", "q=Marsh&order=who&from=2026-03-02&to=2026-03-02"),
        ("From", "Monday 2 March 2026", "q=Marsh&order=who&place=email&to=2026-03-02"),
        ("Up to", "Monday 2 March 2026", "q=Marsh&order=who&place=email&from=2026-03-02"),
    ]
    assert state.order_words == "In order of “Who”, upwards."


def test_a_filter_away_from_its_default_is_a_chip_that_goes_back_to_it():
    state = read(show="all", place="site")
    assert [(c.words, c.query) for c in state.chips] == [("All", "place=site"), ("On the site", "show=all")]
    assert state.query() == "show=all&place=site"


@pytest.mark.parametrize(
    ("told", "remark"),
    [
        ({"place": "moon"}, "“moon” cannot be chosen under “Where”: it is left out."),
        ({"from": "yesterday"}, "“yesterday” cannot be chosen under “From”: it is left out."),
        ({"from": "2026-02-30"}, "“2026-02-30” cannot be chosen under “From”: it is left out."),
        ({"from": "0001-01-01"}, "“0001-01-01” cannot be chosen under “From”: it is left out."),
        ({"to": "9999-12-31"}, "“9999-12-31” cannot be chosen under “Up to”: it is left out."),
        ({"order": "password"}, "This list has no order “password”."),
        ({"order": "--when"}, "This list has no order “--when”."),
        ({"place__in": "site"}, "This list has no filter “place__in”."),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "Sunday 1 March 2026 is before the first day: it is left out."),
        ({"place": "x" * 99}, f"“{'x' * 39}…” cannot be chosen under “Where”: it is left out."),
    ],
)
def test_what_cannot_be_understood_is_left_out_with_a_word(told, remark):
    state = LISTING.read(told, SCOPE)
    assert state.remarks == (remark,)
    assert state.query() == ("from=2026-03-02" if "to" in told and "from" in told else "")


def test_an_address_full_of_nonsense_is_answered_in_a_few_words():
    assert len(LISTING.read({f"n{n}": "1" for n in range(50)}, SCOPE).remarks) == 4


def test_empty_parameters_and_the_page_ask_nothing():
    assert read(place="", from_="", q="  ", page="7", order="").query() == ""


def test_signs_that_no_database_takes_are_dropped():
    assert clean("a\x00b\u200bc d") == "abc d"
    assert len(read(q="x" * 500).q) == 120


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "show": st.sampled_from(["open", "all", "", "?"]),
        "place": st.sampled_from(["site", "email", "", "moon"]),
        "from": st.dates().map(str) | st.text(max_size=5),
        "to": st.dates(date(2020, 1, 1), date(2030, 1, 1)).map(str),
        "order": st.sampled_from(["when", "-when", "who", "-who", "x"]),
        "q": st.text(max_size=20),
        "page": st.text(max_size=3),
    },
)


@given(VALUES)
def test_the_address_of_a_state_leads_to_the_same_state(told):
    state = LISTING.read(told, SCOPE)
    again = LISTING.read(dict(parse_qsl(state.query())), SCOPE)
    assert (again.chosen, again.q, again.order, again.remarks) == (state.chosen, state.q, state.order, ())
    assert again.query() == state.query()


@given(VALUES)
def test_each_chip_takes_off_its_own_filter_and_no_other(told):
    state = LISTING.read(told, SCOPE)
    for chip in state.chips:
        left = LISTING.read(dict(parse_qsl(chip.query)), SCOPE).chips
        assert [(c.label, c.words) for c in left] == [(c.label, c.words) for c in state.chips if c != chip]


def test_a_day_begins_and_ends_in_london():
    assert beginning(date(2026, 7, 1)).astimezone(UTC) == datetime(2026, 6, 30, 23, tzinfo=UTC)


def test_a_head_puts_in_its_order_and_pressed_again_turns_it_round():
    assert [(h.label, h.order, h.query, h.sorted) for h in read(place="site").heads()] == [
        ("Who", "who", "order=who&place=site", ""),
        ("When", "when", "order=when&place=site", "descending"),
        ("What", "", "", ""),
    ]
    assert [(h.query, h.sorted) for h in read(order="when").heads()][1] == ("", "ascending")
    who, when, _ = read(order="-who").heads()
    assert ((who.query, who.sorted), (when.query, when.sorted)) == (("order=who", "descending"), ("", ""))


def test_every_order_ends_with_the_number_of_the_row():
    assert LISTING.orders["who"].by(True) == ["-folded", "-at", "-pk"]
    assert LISTING.orders["who"].by(False) == ["folded", "at", "pk"]


def test_pages_are_counted_up_to_a_bound(world, monkeypatch):
    world.person("Bea Long")
    rows = Person.objects.order_by("pk")
    whole = BoundedPaginator(rows, 1)
    assert (whole.count, whole.more, whole.num_pages) == (2, False, 2)
    world.person("Carl Short")
    monkeypatch.setattr("conduct.listing.COUNTED_TO", 2)
    bounded = BoundedPaginator(rows, 1)
    assert (bounded.count, bounded.more, bounded.num_pages) == (2, True, 2)
