"""Fixtures for every test: the world, the clock's moments, signed-in clients."""

import os

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs a loop of its own beside the tests

import json
from collections.abc import Callable

import pytest
from django.test import Client

from conduct.models import User
from letters import press
from letters.look import PLAIN
from tests.factories import World


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path, settings):
    """Mail and files of a test go to a folder of its own."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.VAR = tmp_path
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = {**settings.STORAGES, "default": own}


@pytest.fixture
def world(db) -> World:
    """A school under sholing with its staff, and Alex, parent of Robin."""
    return World("sholing")


@pytest.fixture
def make_world(db) -> Callable[..., World]:
    """A school under another pack, or a second one."""
    return World


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A client signed in as somebody."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in


@pytest.fixture(autouse=True, scope="session")
def databases_can_be_emptied() -> None:
    """Between transactional tests the tables are emptied, which the program's own triggers would refuse on SQLite."""
    from django.db import connection
    from django.db.backends.base.operations import BaseDatabaseOperations

    from conduct import finality

    really = BaseDatabaseOperations.execute_sql_flush

    def flush(self, sql_list):  # the triggers come down for the moment of emptying, and up again
        with connection.schema_editor() as editor:
            for table in finality.FINAL:
                finality.take_down(editor, table)
        really(self, sql_list)
        with connection.schema_editor() as editor:
            for table in finality.FINAL:
                finality.put_up(editor, table)

    BaseDatabaseOperations.execute_sql_flush = flush


@pytest.fixture
def quick_letters(monkeypatch):
    """Letters of plain bytes that hold their facts: a test that asks nothing of the page need not wait for one."""

    def rendered(kind, facts, *, look=PLAIN, draft=False, copy=False):
        return b"%PDF " + json.dumps([kind, facts, draft], sort_keys=True).encode()

    monkeypatch.setattr(press, "letter", rendered)
