"""What can go wrong with a request, and the one table that says which error of AWS each becomes.

Behaviour raises an `ApiError` with a `Cause`; the class a client sees is the first of the cause's classes that the
operation declares, so a correction learnt from a live account is a change in `CLASSES` alone.

    ServiceError            an error with its final class and status: what the serializer sends
    ApiError                a cause, translated by `as_service_error` for the operation at hand
"""

from __future__ import annotations

from enum import Enum

from localconnect.aws.service_model import Operation


class Cause(Enum):
    """Why a request is refused, in words that no operation's model knows."""

    MEMBER = "one member breaks a constraint of the model: type, length, pattern, enum"
    RULE = "the members are fine one by one, but break a rule together"
    NOT_FOUND = "a named resource does not exist"
    NOT_PUBLISHED = "a flow has a draft only"
    CONTACT_OVER = "the contact does not exist or has already ended"
    STATE = "the contact is not in a state that allows this"
    THROTTLED = "too many requests a second"
    QUOTA = "a quota of the instance is used up"
    DENIED = "the caller is known but may not do this"
    FAILURE = "localconnect itself failed"


CLASSES: dict[Cause, tuple[str, ...]] = {
    Cause.MEMBER: ("InvalidParameterException", "InvalidRequestException", "ValidationException"),
    Cause.RULE: ("InvalidRequestException", "ValidationException"),
    Cause.NOT_FOUND: ("ResourceNotFoundException", "ValidationException"),
    Cause.NOT_PUBLISHED: ("ContactFlowNotPublishedException", "InvalidRequestException"),
    Cause.CONTACT_OVER: ("ContactNotFoundException", "ResourceNotFoundException"),
    Cause.STATE: ("ConflictException", "InvalidRequestException"),
    # Where ThrottlingException is not modelled the API's front end answers for it.
    Cause.THROTTLED: ("ThrottlingException", "RequestThrottled", "TooManyRequestsException"),
    Cause.QUOTA: ("LimitExceededException", "ServiceQuotaExceededException"),
    Cause.DENIED: ("AccessDeniedException",),
    Cause.FAILURE: ("InternalServiceException", "InternalServerException"),
}
"""Preferred classes of each cause; where none is modelled, the last one is used all the same."""

UNDECLARED: dict[tuple[str, Cause], str] = {
    ("sqs", Cause.MEMBER): "InvalidParameterValueException",
}
"""What a service answers for a cause with a class that its model leaves out."""

QUERY_CODES: dict[str, str] = {
    **{
        name: f"AWS.SimpleQueueService.{name}"
        for name in (
            "BatchEntryIdsNotDistinct",
            "BatchRequestTooLong",
            "EmptyBatchRequest",
            "InvalidBatchEntryId",
            "MessageNotInflight",
            "PurgeQueueInProgress",
            "QueueDeletedRecently",
            "TooManyEntriesInBatchRequest",
            "UnsupportedOperation",
        )
    },
    "InvalidParameterValueException": "InvalidParameterValue",
    "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
    "QueueNameExists": "QueueAlreadyExists",
}
"""The code of each class in the query protocol, for services compatible with it; the others kept their names."""

STATUSES: dict[str, int] = {
    "AccessDeniedException": 403,
    "ConflictException": 409,
    "ContactFlowNotPublishedException": 404,
    "ContactNotFoundException": 410,
    "DestinationNotAllowedException": 403,
    "DuplicateResourceException": 409,
    "ExpiredTokenException": 403,
    "IdempotencyException": 409,
    "IncompleteSignatureException": 403,
    "InternalServerException": 500,
    "InternalServiceException": 500,
    "InvalidActiveRegionException": 400,
    "InvalidContactFlowException": 400,
    "InvalidParameterException": 400,
    "InvalidRequestException": 400,
    "InvalidSignatureException": 403,
    "LimitExceededException": 429,
    "MissingAuthenticationTokenException": 403,
    "RequestEntityTooLargeException": 413,
    "RequestThrottled": 400,
    "RequestTimeoutException": 408,
    "ResourceConflictException": 409,
    "ResourceInUseException": 409,
    "ResourceNotFoundException": 404,
    "SerializationException": 400,
    "ServiceQuotaExceededException": 402,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "TooManyRequestsException": 429,
    "UnknownOperationException": 404,
    "UnrecognizedClientException": 403,
    "UserNotFoundException": 404,
    "ValidationException": 400,
}
"""The HTTP status of each class, for operations that do not declare it."""

FRONT_END = frozenset(
    {
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "RequestEntityTooLargeException",
        "RequestTimeoutException",
        "SerializationException",
        "ServiceUnavailableException",
        "TooManyRequestsException",
        "UnknownOperationException",
        "UnrecognizedClientException",
    }
)
"""Errors of the API's front end, not of the service: their text is the member `message`, in lower case."""


class ServiceError(Exception):
    """An error as a client of AWS sees it."""

    def __init__(self, code: str, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status if status is not None else STATUSES.get(code, 400)


class ApiError(Exception):
    """A request refused for `cause`; `message` is for whoever wrote the client."""

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause = cause
        self.message = message


def as_service_error(error: ApiError, operation: Operation) -> ServiceError:
    """The class and status that `operation` has for the error's cause."""
    classes = CLASSES[error.cause]
    fallback = UNDECLARED.get((operation.service, error.cause), classes[-1])
    code = next((name for name in classes if name in operation.errors), fallback)
    return modelled_error(code, error.message, operation)


def modelled_error(code: str, message: str, operation: Operation) -> ServiceError:
    """The error `code` with the status that `operation` declares for it."""
    declared = operation.errors.get(code)
    return ServiceError(code, message, status=declared.status if declared else None)
