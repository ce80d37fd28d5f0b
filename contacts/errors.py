"""Everything an operation can refuse or fail with. Each error has a stable `code`; none knows an HTTP status.

ContactsError
├── InvalidCall                 invalid                 the input breaks a limit; `problems` says where and how
├── EntryPointClosed            entry_point_closed      the entry point takes no calls now
├── ContactOver                 contact_ended           too late: the contact is over
├── IdempotencyMismatch         idempotency_mismatch    the key was used with another body
├── IdempotencyInProgress       idempotency_in_progress the first request with the key is still at work
├── UnableToStartCall           (its cause's)           Amazon Connect refused or did not answer; the contact is kept
└── ConnectError                                        Amazon Connect refused or did not answer
    ├── ConnectCapacity         capacity                the instance's concurrent calls are used up
    ├── ConnectBusy             busy                    the request rate is used up
    ├── ConnectUnavailable      upstream_unavailable    it failed, or could not be reached in time
    ├── ConnectMisconfigured    upstream_configuration  it does not know our instance or flow, or refuses our input
    ├── ConnectForbidden        upstream_permission     it does not accept our credentials, or they may not do this
    ├── ConnectWrongRegion      upstream_region         the instance is not active in the region
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


class EntryPointClosed(ContactsError):
    """The entry point takes no calls now."""

    code = "entry_point_closed"


class ContactOver(ContactsError):
    """The contact is over, so what was asked of it cannot be done."""

    code = "contact_ended"


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
    """The account's request rate is used up, even after the adapter's own retries."""

    code = "busy"
    retryable = True
    retry_after_s = 5


class ConnectUnavailable(ConnectError):
    """It failed, or could not be reached, or did not answer in time."""

    code = "upstream_unavailable"
    retryable = True


class ConnectMisconfigured(ConnectError):
    """It does not know our instance or flow, or calls our input invalid."""

    code = "upstream_configuration"


class ConnectForbidden(ConnectError):
    """Our credentials are missing, expired or refused, or may not do this."""

    code = "upstream_permission"


class ConnectWrongRegion(ConnectError):
    """The instance is not active in the region asked."""

    code = "upstream_region"


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
