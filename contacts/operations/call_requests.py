"""What a customer asks for, held against the limits before anything is stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from contacts.custom_fields import answer_problems
from contacts.errors import FieldProblem
from contacts.limits import (
    DESCRIPTION_MAX_CHARACTERS,
    NAME_MAX_CHARACTERS,
    GivenReference,
    attribute_problems,
    reference_problems,
    text_problems,
)
from contacts.models import Consent, EntryPoint

UNSIGNED = "web_"  # what begins with it was signed by nobody, and a flow can tell


@dataclass(frozen=True, slots=True)
class CallRequest:
    """What a customer asks for. Capabilities beyond the entry point's are not granted; None asks for the entry point's."""

    name: str = ""
    description: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, GivenReference] = field(default_factory=dict)
    locale: str = ""
    related_contact: str = ""  # id of one that whoever asks may see
    consent: int | None = None  # version of what the caller agreed to
    identity: str = field(default="", repr=False)  # a signed token, as it came
    customer_video: bool | None = None
    customer_screen_share: bool | None = None
    agent_video: bool | None = None
    agent_screen_share: bool | None = None

    def digest(self, entry_point: EntryPoint) -> str:
        """Return what tells two requests with the same idempotency key apart."""
        content = {"entry_point": entry_point.slug, **asdict(self)}
        if not self.related_contact:  # the digest of a request made before there was the field
            del content["related_contact"]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def problems(self, entry_point: EntryPoint) -> list[FieldProblem]:
        """Say what breaks a limit of Amazon Connect's or a rule of the entry point's."""
        problems = self.limit_problems()
        answers = {key.removeprefix(UNSIGNED): value for key, value in self.attributes.items()}
        problems.extend(answer_problems(entry_point.custom_fields, answers))
        if entry_point.name_required and not self.name.strip():
            problems.append(FieldProblem("/name", "required", "Please give a name."))
        return problems

    def limit_problems(self) -> list[FieldProblem]:
        """Say what breaks a limit of Amazon Connect's."""
        return [
            *text_problems("/name", self.name, longest=NAME_MAX_CHARACTERS),
            *text_problems("/description", self.description, longest=DESCRIPTION_MAX_CHARACTERS),
            *attribute_problems(self.attributes),
            *reference_problems(self.references),
        ]

    def consent_problems(self, consent: Consent | None) -> list[FieldProblem]:
        """Say that the caller has not agreed to what there is to agree to now."""
        if consent is None or self.consent == consent.version:
            return []
        code = "required" if self.consent is None else "outdated"
        return [FieldProblem("/consent", code, "Please agree before the call.")]
