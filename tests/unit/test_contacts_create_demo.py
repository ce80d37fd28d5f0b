"""The demo data: made once, and no known password where others can reach it."""

from __future__ import annotations

from io import StringIO

from django.contrib.auth import get_user_model
from django.core.management import call_command

import pytest
from pytest_django.fixtures import Settings

from contacts.models import EntryPoint

pytestmark = pytest.mark.django_db


def create_demo() -> str:
    out = StringIO()
    call_command("create_demo", stdout=out)
    return out.getvalue()


def test_demo_is_created_once(settings: Settings) -> None:
    """Should change nothing that is there."""
    settings.DEBUG = True
    assert "created, password admin" in create_demo()
    EntryPoint.objects.update(name="Mine", is_open=False)
    get_user_model().objects.get(username="admin").set_password("mine")

    assert "password" not in create_demo()
    entry_point = EntryPoint.objects.get(slug="demo")
    assert (entry_point.name, entry_point.is_open) == ("Mine", False)


def test_demo_in_production_has_no_administrator(settings: Settings) -> None:
    """Should not create a login with a known password."""
    settings.DEBUG = False
    create_demo()
    assert EntryPoint.objects.filter(slug="demo").exists()
    assert not get_user_model().objects.exists()
