"""A request that is repeated a day or a week later gets no second call, and no call of before."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F

import pytest

from contacts.models import Contact
from tests.faults.fault_world import FaultWorld

DAY = timedelta(days=1)


@pytest.mark.parametrize("age", [DAY, 7 * DAY, 30 * DAY])
def test_f14_key_of_a_call_that_is_over_stays_its_key(world: FaultWorld, age: timedelta) -> None:
    """Should say that the call is over for as long as its record is kept."""
    first = world.start("click")
    world.end(first.body["id"])
    Contact.objects.update(requested_at=F("requested_at") - age)
    again = world.start("click")
    assert (again.status, again.body["code"]) == (410, "contact_ended")
    assert world.upstream_states() == ["ended"]
