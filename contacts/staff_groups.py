"""The four groups of staff. `manage.py migrate` makes them and gives them what they lack; it takes nothing away.

What a group may do is limited further by entry point: see contacts.access. Permissions of another app are given by its
label alone, which means all it has.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as all_apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

VIEWER = ("view_contact", "view_entrypoint", "view_hoursoverride", "view_callbackrequest")
SUPERVISOR = (
    *VIEWER,
    *("change_contact", "end_contact", "erase_contact", "export_contact", "view_personal_data"),
    "finish_callbackrequest",
)
INTEGRATOR = (
    *VIEWER,
    *("add_entrypoint", "change_entrypoint"),
    *("add_hoursoverride", "change_hoursoverride", "delete_hoursoverride"),
    *("view_identitykey", "add_identitykey", "change_identitykey"),
    *("view_deadletter", "redrive_deadletter", "delete_deadletter"),
)
OWNER = (
    *SUPERVISOR,
    *INTEGRATOR,
    *("see_every_entrypoint", "delete_entrypoint", "delete_identitykey", "view_auditentry"),
    *("view_entrypointgrant", "add_entrypointgrant", "change_entrypointgrant"),
    *("delete_entrypointgrant", "view_secondfactor", "delete_secondfactor"),
)
GROUPS = {"Viewer": VIEWER, "Supervisor": SUPERVISOR, "Integrator": INTEGRATOR, "Owner": OWNER}
# Apps whose every permission belongs to those who connect partners.
WHOLE_APPS = {"Integrator": ("partners",), "Owner": ("partners",)}


def make_groups(sender: AppConfig, **kwargs: Any) -> None:
    """Make the groups, and give them what they lack, once the tables of an app are there."""
    if sender.label not in ("contacts", "partners"):
        return
    using = kwargs["using"]
    apps = kwargs.get("apps", all_apps)  # `flush` sends none
    if not _has_tables(apps):
        return
    create_permissions(sender, verbosity=0, using=using, apps=apps)
    for name, codenames in GROUPS.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        wanted = Q(content_type__app_label="contacts", codename__in=codenames) | Q(
            content_type__app_label__in=WHOLE_APPS.get(name, ())
        )
        lacking = Permission.objects.using(using).filter(wanted).exclude(group=group)
        group.permissions.add(*lacking)


def _has_tables(apps: Any) -> bool:
    """Whether the migrations run so far have made the tables of groups."""
    try:
        apps.get_model("auth", "Group")
        apps.get_model("contacts", "EntryPointGrant")
    except LookupError:
        return False
    return True
