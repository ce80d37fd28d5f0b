"""Everything an operation can refuse or fail with. Each error has a stable `code`; none knows an HTTP status.

ContactsError
├── InvalidCall                 invalid                 the input breaks a limit; `problems` says where and how
│   └── EventTooLarge           too_large               a contact event is longer than any is
├── EntryPointClosed            entry_point_closed      the entry point takes no calls now
├── EntryPointInUse             entry_point_in_use      calls began there, so it can be closed and not removed
├── FeatureOff                  feature_off             the entry point does without the feature
├── TestKeyRefused              test_key                a test key reaches neither a real contact centre nor callback requests
├── IdentityRefused             identity_refused        the customer's signed identity is missing or wrong
├── ContactOver                 contact_ended           too late: the contact is over
├── ContactNotConnected         contact_not_connected   too early: nobody has answered, or the contact has not begun
├── PlacesTaken                 places_taken            as many people are invited as a call has places for
├── ParticipantStays            participant_stays       guests alone can be taken out of a call
├── InvitationGone              invitation_gone         the invitation was revoked, used by another, or has expired
├── HandoverGone                handover_gone           the link to another device was used, replaced, or has expired
├── VersionChanged              precondition_failed     the contact has changed since it was read
├── VersionUnsaid               precondition_required   a change does not say which version it is of
├── SurveyAnswered              survey_answered         the call's survey was answered otherwise before
├── IdempotencyMismatch         idempotency_mismatch    the key was used with another body
├── IdempotencyInProgress       idempotency_in_progress the first request with the key is still at work
├── UnableToStartCall           (its cause's)           Amazon Connect refused or did not answer; the contact is kept
└── ConnectError                                        Amazon Connect refused or did not answer
    ├── ConnectCapacity         capacity                the instance's concurrent calls are used up
    ├── ConnectBusy             busy                    the request rate is used up, or too many requests are under way here
    ├── ConnectUnavailable      upstream_unavailable    it failed, or could not be reached in time
    │   └── ConnectUnanswered                           it may have done what was asked: its answer was lost
    ├── ConnectMisconfigured    upstream_configuration  it does not know our instance or flow, or refuses our input
    ├── ConnectForbidden        upstream_permission     our credentials may not do this
    │   └── ConnectUnauthenticated                      it does not accept our credentials, or our clock
    ├── ConnectWrongRegion      upstream_region         the instance is not active in the region
    ├── ConnectConflict         participant_conflict    the call has no room, or something else is being done to it
    └── ConnectContactGone      contact_ended           it says that the contact is over, or never was
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field: where (JSON pointer), a stable code, and the limit in words."""

    pointer: str
    code: str
    detail: str


class ContactsError(Exception):
    """Base of all; `code` is the contract, the message may change."""

    code = "error"
    retry_after_s: int | None = None


class InvalidCall(ContactsError):
    """The input breaks a limit of Amazon Connect's or of the entry point's."""

    code = "invalid"

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("; ".join(f"{problem.pointer}: {problem.detail}" for problem in problems))
        self.problems = tuple(problems)


class EventTooLarge(InvalidCall):
    """A contact event is longer than any that Amazon Connect sends."""

    code = "too_large"


class EntryPointClosed(ContactsError):
    """The entry point takes no calls now."""

    code = "entry_point_closed"


class EntryPointInUse(ContactsError):
    """Calls or callback requests began at the entry point, which they keep."""

    code = "entry_point_in_use"


class FeatureOff(ContactsError):
    """The entry point does without what was asked for."""

    code = "feature_off"


class TooManyCalls(ContactsError):
    """As many calls as are allowed were started within the last hour."""

    code = "throttled"
    retry_after_s = 300


class TestKeyRefused(ContactsError):
    """A test key would start a call with a real contact centre."""

    code = "test_key"


class IdentityRefused(ContactsError):
    """The customer's signed identity is missing or wrong, and the entry point takes nobody without one."""

    code = "identity_refused"


class ContactOver(ContactsError):
    """The contact is over, so what was asked of it cannot be done."""

    code = "contact_ended"


class ContactNotConnected(ContactsError):
    """The contact has not come as far as what was asked of it needs."""

    code = "contact_not_connected"
    retry_after_s = 2


class PlacesTaken(ContactsError):
    """As many people are invited into the call as it has places for."""

    code = "places_taken"


class ParticipantStays(ContactsError):
    """Amazon Connect takes guests alone out of a call; customer and agent leave when it ends."""

    code = "participant_stays"


class InvitationGone(ContactsError):
    """The invitation was revoked, used by somebody else, or has expired."""

    code = "invitation_gone"


class HandoverGone(ContactsError):
    """The link to another device was used by another, gave way to a newer one, or has expired."""

    code = "handover_gone"


class VersionChanged(ContactsError):
    """The contact has another version than the one that was to be changed."""

    code = "precondition_failed"


class VersionUnsaid(ContactsError):
    """A change does not say which version of the contact it is of."""

    code = "precondition_required"


class SurveyAnswered(ContactsError):
    """The call's survey has been answered, with another answer."""

    code = "survey_answered"


class IdempotencyMismatch(ContactsError):
    """The idempotency key was used before, with another body."""

    code = "idempotency_mismatch"


class IdempotencyInProgress(ContactsError):
    """The first request with this idempotency key has not been answered yet."""

    code = "idempotency_in_progress"
    retry_after_s = 1


class ConnectError(ContactsError):
    """Amazon Connect refused or did not answer. `retryable`: the same request may succeed later."""

    code = "upstream_unavailable"
    retryable = False


class ConnectCapacity(ConnectError):
    """The instance's concurrent calls are used up."""

    code = "capacity"
    retryable = True
    retry_after_s = 60


class ConnectBusy(ConnectError):
    """The account's request rate is used up, even after the adapter's own retries; or this process has as many under way as it may."""

    code = "busy"
    retryable = True
    retry_after_s = 5


class ConnectUnavailable(ConnectError):
    """It failed, or could not be reached, or did not answer in time."""

    code = "upstream_unavailable"
    retryable = True


class ConnectUnanswered(ConnectUnavailable):
    """It was asked, and no whole answer came: it may have done what it was asked to, or not."""


class ConnectMisconfigured(ConnectError):
    """It does not know our instance or flow, or calls our input invalid."""

    code = "upstream_configuration"


class ConnectForbidden(ConnectError):
    """Our credentials may not do this, or are none that it takes."""

    code = "upstream_permission"


class ConnectUnauthenticated(ConnectForbidden):
    """Our credentials are missing, expired or refused, or this machine's clock is wrong: nothing can be done with it."""


class ConnectWrongRegion(ConnectError):
    """The instance is not active in the region asked."""

    code = "upstream_region"


class ConnectConflict(ConnectError):
    """The call has no room for one more, or something else is being done to it just now."""

    code = "participant_conflict"
    retryable = True
    retry_after_s = 5


class ConnectContactGone(ConnectError):
    """The contact is over, or it never was."""

    code = "contact_ended"


class UnableToStartCall(ContactsError):
    """Amazon Connect did not start the call. The contact is kept as failed, and named so that people can quote it."""

    def __init__(self, *, code: str, contact_id: UUID, reference: str) -> None:
        super().__init__(f"call {reference} could not be started: {code}")
        self.code = code
        self.contact_id = contact_id
        self.reference = reference
        self.retry_after_s = RETRY_AFTER_S.get(code)


RETRY_AFTER_S = {
    error.code: error.retry_after_s
    for error in (ConnectCapacity, ConnectBusy)
    if error.retry_after_s
}
