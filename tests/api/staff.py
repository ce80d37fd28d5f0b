"""Members of staff, as the groups make them."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import Group, User
from django.test import Client

from contacts.models import EntryPoint, EntryPointGrant


def user_of(group: str, *entry_points: EntryPoint) -> User:
    """Make a member of staff of one group, who was granted the entry points."""
    user = User.objects.create_user(f"{group.lower()}-{uuid.uuid4().hex[:6]}", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    for entry_point in entry_points:
        EntryPointGrant.objects.create(entry_point=entry_point, user=user)
    return user


def member_of(group: str, *entry_points: EntryPoint) -> Client:
    """Return the browser of a member of staff of one group, who was granted the entry points."""
    client = Client()
    client.force_login(user_of(group, *entry_points))
    return client
