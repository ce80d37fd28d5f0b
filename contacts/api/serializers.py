"""Shapes of requests and answers. Limits are the domain's (contacts.limits); here only what JSON type a field has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from contacts.choices import (
    AvailabilityState,
    CallbackState,
    ContactState,
    EndReason,
    ParticipantRole,
)
from contacts.limits import GivenReference
from contacts.operations import CallbackWish, CallRequest


class TextField(serializers.CharField):
    """A JSON string. Numbers and booleans are not turned into text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)
        self.validators = []  # the domain's limits say the same, for every way in

    def to_internal_value(self, data: Any) -> str:
        """Return the text as it came. Which characters cannot be stored is the domain's to say."""
        if not isinstance(data, str):
            self.fail("invalid")
        return data


def refuse_unknown(data: Any, serializer: serializers.Serializer[Any]) -> None:
    """Refuse what cannot be set rather than leave it out unsaid.

    :raises ValidationError: naming each such field.
    """
    unknown = sorted(set(data) - set(serializer.fields))
    if unknown:
        raise serializers.ValidationError({name: ["It cannot be set."] for name in unknown})


class ReferenceSerializer(serializers.Serializer[GivenReference]):
    """One reference."""

    type = TextField()
    value = TextField(allow_blank=True)


def given_references(validated: Mapping[str, Mapping[str, str]]) -> dict[str, GivenReference]:
    """Return references in the domain's words."""
    return {
        key: GivenReference(type=given["type"], value=given["value"])
        for key, given in validated.items()
    }


class CapabilitySerializer(serializers.Serializer[Any]):
    """What one side may send besides sound."""

    video = serializers.BooleanField(required=False, allow_null=True, default=None)
    screen_share = serializers.BooleanField(required=False, allow_null=True, default=None)


class CapabilitiesSerializer(serializers.Serializer[Any]):
    """What both sides may send besides sound."""

    customer = CapabilitySerializer(required=False)
    agent = CapabilitySerializer(required=False)


class StartCallSerializer(serializers.Serializer[CallRequest]):
    """A request to start a call."""

    entry_point = TextField(help_text="Slug of the entry point.")
    name = TextField(
        required=False, allow_blank=True, help_text="What the agent sees; at most 256 characters."
    )
    description = TextField(
        required=False, allow_blank=True, help_text="At most 4,096 characters."
    )
    attributes = serializers.DictField(
        child=TextField(allow_blank=True),
        required=False,
        help_text="Keys of A-Z a-z 0-9 - _; at most 32,768 UTF-8 bytes over all keys and values.",
    )
    references = serializers.DictField(
        child=ReferenceSerializer(),
        required=False,
        help_text="Keys of at most 512 characters; at most 4,096 UTF-8 bytes over all keys and values.",
    )
    related_contact = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="An earlier contact of the partner's that this one goes on with.",
    )
    locale = serializers.RegexField(
        r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", required=False, allow_blank=True, max_length=35
    )
    consent = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        help_text="Version of the consent the caller agreed to; required where the entry point asks for one.",
    )
    capabilities = CapabilitiesSerializer(required=False)
    identity = TextField(
        required=False,
        allow_blank=True,
        write_only=True,
        help_text="A JWT of the company's, signed with a key of the entry point: who the customer is.",
    )

    def to_request(self) -> CallRequest:
        """Return the validated data in the domain's words."""
        data = self.validated_data
        capabilities = data.get("capabilities", {})
        customer, agent = capabilities.get("customer", {}), capabilities.get("agent", {})
        return CallRequest(
            name=data.get("name", ""),
            description=data.get("description", ""),
            attributes=data.get("attributes", {}),
            references=given_references(data.get("references", {})),
            locale=data.get("locale", ""),
            consent=data.get("consent"),
            identity=data.get("identity", ""),
            customer_video=customer.get("video"),
            customer_screen_share=customer.get("screen_share"),
            agent_video=agent.get("video"),
            agent_screen_share=agent.get("screen_share"),
        )


class QueueSerializer(serializers.Serializer[Any]):
    """The customer's place in the queue, null while unknown."""

    position = serializers.IntegerField(allow_null=True)
    estimated_wait_s = serializers.IntegerField(allow_null=True)


class AgentSerializer(serializers.Serializer[Any]):
    """The agent who answered."""

    display_name = serializers.CharField()


class ParticipantSerializer(serializers.Serializer[Any]):
    """One person in the contact."""

    id = serializers.UUIDField()
    role = serializers.ChoiceField(ParticipantRole.choices)
    display_name = serializers.CharField()
    joined_at = serializers.DateTimeField(allow_null=True)
    left_at = serializers.DateTimeField(allow_null=True)


class ParticipantListSerializer(serializers.Serializer[Any]):
    """Everybody who is or was in the contact."""

    data = ParticipantSerializer(many=True)  # type: ignore[assignment]


class ContactSerializer(serializers.Serializer[Any]):
    """A contact as contacts.snapshots shows it, with its version. Documents the answer; the snapshot is sent as it is."""

    id = serializers.UUIDField()
    reference = serializers.CharField(help_text="What people quote, such as K7QX-2M4P.")
    entry_point = serializers.CharField()
    state = serializers.ChoiceField(ContactState.choices)
    end_reason = serializers.ChoiceField(EndReason.choices, allow_null=True)
    queue = QueueSerializer(allow_null=True)
    on_hold = serializers.BooleanField()
    agent = AgentSerializer(allow_null=True)
    participants = ParticipantSerializer(many=True)
    requested_at = serializers.DateTimeField()
    initiated_at = serializers.DateTimeField(allow_null=True)
    queued_at = serializers.DateTimeField(allow_null=True)
    connected_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class ErasedSerializer(serializers.Serializer[Any]):
    """What became of a wish to be forgotten."""

    erased = serializers.BooleanField(
        help_text="Whether it is done; otherwise it is done once the call is over."
    )


class PartnerContactSerializer(ContactSerializer):
    """A contact. What follows `version` is shown to its partner alone."""

    livemode = serializers.BooleanField(
        required=False, help_text="False if it was started with a test key."
    )
    name = serializers.CharField(required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)
    attributes = serializers.DictField(child=serializers.CharField(), required=False)
    notes = serializers.CharField(required=False, allow_blank=True)
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    related_contact = serializers.UUIDField(required=False, allow_null=True)
    locale = serializers.CharField(required=False, allow_blank=True)
    failure_code = serializers.CharField(required=False, allow_null=True)
    erased_at = serializers.DateTimeField(required=False, allow_null=True)


class AnnotateSerializer(serializers.Serializer[Any]):
    """A change of a contact. What is left out stays."""

    notes = TextField(required=False, allow_blank=True, help_text="At most 4,096 characters.")
    tags = serializers.ListField(
        child=TextField(),
        required=False,
        help_text="In place of those there are: at most 20 words of at most 40 characters, kept in lower case.",
    )
    attributes = serializers.DictField(
        child=TextField(allow_blank=True),
        required=False,
        help_text="Set besides those there are, here and in Amazon Connect.",
    )


class ConnectionSerializer(serializers.Serializer[Any]):
    """What a browser joins the meeting with."""

    connection = serializers.DictField(
        help_text="Meeting and Attendee, as the Chime SDK takes them."
    )


class StartedCallSerializer(PartnerContactSerializer):
    """A started call. A browser gets the connection; a partner the join link, and the connection with `contacts:connect`."""

    connection = serializers.DictField(
        required=False, help_text="Meeting and Attendee, as the Chime SDK takes them."
    )
    join_url = serializers.URLField(
        required=False,
        allow_null=True,
        help_text="Where the customer comes into the call: once, within ten minutes. Null once it was used.",
    )


class FieldProblemSerializer(serializers.Serializer[Any]):
    """What is wrong with one field."""

    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """A problem document (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField(allow_null=True)
    errors = FieldProblemSerializer(many=True, required=False)  # type: ignore[assignment]
    contact = serializers.DictField(required=False)


class AvailabilitySerializer(serializers.Serializer[Any]):
    """Whether one can call an entry point now."""

    version = serializers.IntegerField(min_value=1)
    entry_point = serializers.CharField()
    state = serializers.ChoiceField(choices=AvailabilityState.values)
    estimated_wait_s = serializers.IntegerField(min_value=0, allow_null=True)
    closes_at = serializers.DateTimeField(allow_null=True)
    opens_at = serializers.DateTimeField(allow_null=True)
    time_zone = serializers.CharField(
        allow_null=True, help_text="Of the opening hours, such as Europe/Berlin."
    )
    holiday_name = serializers.CharField(allow_null=True)
    agents_online = serializers.IntegerField(min_value=0, allow_null=True)


class RequestCallbackSerializer(serializers.Serializer[Any]):
    """A request to be called back."""

    entry_point = TextField(help_text="Slug of the entry point.")
    phone = TextField(help_text="With + and the country code; spaces, dots and dashes are taken.")
    name = TextField(required=False, allow_blank=True, default="")
    reason = TextField(
        required=False, allow_blank=True, default="", help_text="At most 1,000 characters."
    )
    preferred_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="When to call; within 60 days."
    )
    locale = TextField(required=False, allow_blank=True, default="")

    def to_wish(self) -> CallbackWish:
        """Return the domain's form of it."""
        given = dict(self.validated_data)
        given.pop("entry_point")
        return CallbackWish(**given)


class CallbackSerializer(serializers.Serializer[Any]):
    """A request to be called back, as its customer sees it."""

    id = serializers.UUIDField()
    reference = serializers.CharField()
    entry_point = serializers.CharField()
    state = serializers.ChoiceField(choices=CallbackState.values)
    name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    preferred_at = serializers.DateTimeField(allow_null=True)
    requested_at = serializers.DateTimeField()


class RequestReminderSerializer(serializers.Serializer[Any]):
    """An address to be told when an entry point opens."""

    entry_point = TextField(help_text="Slug of the entry point.")
    email = TextField(help_text="Used for the one mail, then forgotten.")
    locale = TextField(required=False, allow_blank=True, default="", help_text="Of the mail.")


class ReminderSerializer(serializers.Serializer[Any]):
    """When the mail is sent."""

    entry_point = serializers.CharField()
    opens_at = serializers.DateTimeField()
