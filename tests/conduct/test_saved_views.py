"""Lists that somebody saved under a name of their own."""

import pytest
from django.urls import reverse

from conduct import saved_views
from conduct.models import AuditRow, SavedView
from tests.factories import at

NOW = at("2026-03-02 09:00")


def save(world, name="Serious", page="incidents", query="severity=serious", by=None):
    return saved_views.save(page, by=by or world.olive, school=world.school, at=NOW, name=name, query=query)


def test_a_view_stands_above_the_list_as_a_link_and_says_when_it_is_what_is_shown(world, client_of):
    client = client_of(world.olive)
    response = client.post(
        reverse("view_save", args=["incidents"]) + "?severity=serious&order=person", {"name": " My  view "}
    )
    assert (response.status_code, response.headers["Location"]) == (302, "/incidents/?order=person&severity=serious")
    page = client.get(response.headers["Location"])
    assert [(v["view"].name, v["query"], v["shown"]) for v in page.context["views"]] == [
        ("My view", "order=person&severity=serious", True)
    ]
    assert 'href="/incidents/?order=person&amp;severity=serious"' in page.content.decode()
    assert "Save this view" not in page.content.decode()
    assert [v["shown"] for v in client.get("/incidents/").context["views"]] == [False]


def test_the_form_says_what_will_be_kept(world, client_of):
    page = client_of(world.olive).get(reverse("view_save", args=["cases"]) + "?show=all&order=person&page=3&foo=1")
    assert page.context["lede"] == "It shows: Cases: Open and closed. In order of “Person”, upwards."


def test_only_what_can_be_asked_is_kept(world, client_of):
    client_of(world.olive).post(
        reverse("view_save", args=["cases"]) + "?show=all&page=3&foo=1&chair=maybe", {"name": "X"}
    )
    assert SavedView.objects.get().query == "show=all"


def test_a_stored_query_is_read_anew_when_it_is_used(world, client_of):
    save(world, query="severity=gone&place=site&page=9")
    assert [v["query"] for v in client_of(world.olive).get("/incidents/").context["views"]] == ["place=site"]


@pytest.mark.parametrize(("name", "said"), [("", "Give the view a name."), ("serious", "of that name already")])
def test_a_name_that_cannot_be_had_comes_back_with_what_was_typed(world, client_of, name, said):
    save(world)
    response = client_of(world.olive).post(reverse("view_save", args=["incidents"]), {"name": name})
    assert response.status_code == 422
    assert said in response.context["form"].errors["name"][0]
    assert response.context["form"]["name"].value() == name
    assert SavedView.objects.count() == 1


def test_the_same_name_is_free_on_another_list_and_for_somebody_else(world):
    save(world)
    save(world, page="cases", query="show=all")
    save(world, by=world.hari)
    assert SavedView.objects.count() == 3


def test_twenty_views_of_a_list_are_enough(world):
    for n in range(20):
        save(world, name=f"View {n}")
    with pytest.raises(saved_views.Unkept, match="Delete one"):
        save(world, name="One more")
    save(world, name="Another list", page="cases")
    assert SavedView.objects.count() == 21


def test_a_query_too_long_to_be_kept_is_refused_in_words(world, client_of):
    response = client_of(world.olive).post(reverse("view_save", args=["incidents"]) + "?q=" + "ü" * 120, {"name": "X"})
    assert response.status_code == 422
    assert "too long to be kept" in response.context["form"].errors["name"][0]


def test_a_view_is_renamed_and_deleted(world, client_of):
    view, client = save(world), client_of(world.olive)
    save(world, name="Taken")
    address = reverse("view_change", args=[view.pk])
    assert client.get(address).context["form"]["name"].value() == "Serious"
    assert client.post(address, {"name": "taken"}).status_code == 422
    assert client.post(address, {"name": "SERIOUS"}).headers["Location"] == "/incidents/?severity=serious"
    view.refresh_from_db()
    assert view.name == "SERIOUS"
    assert client.post(address, {"name": "", "delete": "1"}).headers["Location"] == "/incidents/"
    assert [v.name for v in SavedView.objects.all()] == ["Taken"]


def test_each_deed_is_in_the_audit_without_what_was_searched_for(world):
    view = save(world, query="q=marsh")
    saved_views.rename(view, by=world.olive, at=NOW, name="Other")
    number = view.pk
    saved_views.delete(view, by=world.olive, at=NOW)
    rows = [(r.deed, r.by, r.school, r.about, r.changes) for r in AuditRow.objects.order_by("pk")]
    assert rows == [
        ("save_view", world.olive, world.school, f"view {number}", {"page": "incidents"}),
        ("rename_view", world.olive, world.school, f"view {number}", {}),
        ("delete_view", world.olive, world.school, f"view {number}", {}),
    ]


def test_nobody_sees_changes_or_deletes_another_s_view(world, client_of):
    view = save(world)
    client = client_of(world.hari)
    assert client.get("/incidents/").context["views"] == []
    for send in (client.get, client.post):
        assert send(reverse("view_change", args=[view.pk]), {"delete": "1", "name": "X"}).status_code == 404
    assert SavedView.objects.get() == view


def test_a_view_belongs_to_one_school(world, make_world, client_of):
    other = make_world("sholing", trust=world.school.trust, staff={})
    view = save(world, by=world.tess)
    client = client_of(world.tess)
    client.post(reverse("switch_school"), {"school": other.school.slug, "next": "/"})
    assert client.get("/incidents/").context["views"] == []
    assert client.get(reverse("view_change", args=[view.pk])).status_code == 404


@pytest.mark.parametrize(
    ("who", "page"), [("adam", "cases"), ("gail", "incidents"), ("cora", "people"), ("olive", "letters")]
)
def test_a_list_that_one_may_not_see_has_no_views(world, client_of, who, page):
    client = client_of(getattr(world, who))
    assert client.get(reverse("view_save", args=[page])).status_code == 404
    assert client.post(reverse("view_save", args=[page]), {"name": "X"}).status_code == 404
    assert SavedView.objects.count() == 0
