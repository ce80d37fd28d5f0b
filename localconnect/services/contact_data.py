"""What is said about a contact, live or ended: attributes, references, tags, name and description."""

from __future__ import annotations

from typing import Any

from localconnect.aws.call import Call
from localconnect.aws.errors import ApiError, Cause
from localconnect.contacts import Contact, Reference
from localconnect.services.contact_rules import check_attributes, check_references, references_of
from localconnect.services.registry import Service, operation
from localconnect.services.resources import addressed_contact

_TELEPHONY = frozenset(
    {"QueueInfo", "UserInfo", "CustomerEndpoint", "SystemEndpoint", "AdditionalRecipients"}
)
_SUMMARIES = {
    "URL": "Url",
    "STRING": "String",
    "NUMBER": "Number",
    "DATE": "Date",
    "EMAIL": "Email",
}


@operation("GetContactAttributes")
def get_contact_attributes(service: Service, call: Call) -> dict[str, Any]:
    """The user-defined attributes of a contact."""
    contact = addressed_contact(service, call, "InitialContactId")
    return {"Attributes": contact.details.attributes}


@operation("UpdateContactAttributes")
def update_contact_attributes(service: Service, call: Call) -> None:
    """Adds attributes to a contact's, or gives them new values."""
    contact = addressed_contact(service, call, "InitialContactId")
    merged = {**contact.details.attributes, **call.params["Attributes"]}
    check_attributes(merged)
    contact.change(service.clock.time(), attributes=merged)
    service.center.contact_changed(contact, "UserDefinedAttributes")


@operation("UpdateContact")
def update_contact(service: Service, call: Call) -> None:
    """Changes name and description, adds references and segment attributes."""
    contact = addressed_contact(service, call)
    given = call.params.keys() - {"InstanceId", "ContactId"}
    if not given:
        raise ApiError(Cause.RULE, "At least one member to update is expected")
    if given & _TELEPHONY:
        names = ", ".join(sorted(given & _TELEPHONY))
        raise ApiError(Cause.RULE, f"{names}: only for contacts of an external audio system")
    changes = _changes(contact, call.params)
    contact.change(service.clock.time(), **changes)
    updated = ("Segment Attributes",) if "segment_attributes" in changes else ()
    service.center.contact_changed(contact, *updated)


@operation("ListContactReferences")
def list_contact_references(service: Service, call: Call) -> dict[str, Any]:
    """The references of the types asked for, all in one page."""
    contact = addressed_contact(service, call)
    if "NextToken" in call.params:
        raise ApiError(Cause.MEMBER, "NextToken: references come in one page")
    asked = call.params["ReferenceTypes"]
    return {
        "ReferenceSummaryList": [
            _summary(name, reference)
            for name, reference in contact.details.references.items()
            if reference.type in asked
        ]
    }


@operation("TagContact")
def tag_contact(service: Service, call: Call) -> None:
    """Adds tags, or gives them new values."""
    contact = addressed_contact(service, call)
    merged = {**contact.tags, **call.params["Tags"]}
    if len(merged) > service.settings.contact_tags:
        raise ApiError(
            Cause.RULE, f"Tags: a contact may have {service.settings.contact_tags} tags"
        )
    _set_tags(service, contact, merged)


@operation("UntagContact")
def untag_contact(service: Service, call: Call) -> None:
    """Takes tags away; one that is not there is none to complain about."""
    contact = addressed_contact(service, call)
    gone = set(call.params["TagKeys"])
    _set_tags(
        service, contact, {key: value for key, value in contact.tags.items() if key not in gone}
    )


def _changes(contact: Contact, params: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if "Name" in params:
        changes["display_name"] = params["Name"]
    if "Description" in params:
        changes["description"] = params["Description"]
    if "References" in params:
        merged = {**contact.details.references, **references_of(params["References"])}
        check_references(merged)
        changes["references"] = merged
    if "SegmentAttributes" in params:
        changes["segment_attributes"] = {
            **contact.details.segment_attributes,
            **params["SegmentAttributes"],
        }
    return changes


def _summary(name: str, reference: Reference) -> dict[str, Any]:
    """The union has one member, named after the type; the five types that can be given hold a name and a value."""
    return {_SUMMARIES[reference.type]: {"Name": name, "Value": reference.value}}


def _set_tags(service: Service, contact: Contact, tags: dict[str, str]) -> None:
    contact.tags = tags
    contact.change(service.clock.time())
    service.center.contact_changed(contact, "Tags")
