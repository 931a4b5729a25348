"""Everything that can go wrong on purpose, one class each.

Rule    An error's text is fixed here or holds paths and codes, never a value that was sent.
Source  docs/api.md lists the HTTP status of each; gateway/api/around/errors.py holds the one table.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class GatewayError(Exception):
    """Base of all our own errors."""


class UnauthenticatedError(GatewayError):
    """No valid access token came with the request."""


class StepUpError(GatewayError):
    """Who signs in is known, and proved it less well, or longer ago, than is wanted."""


class ForbiddenError(GatewayError):
    """The caller's role, kind or feed may not do this at all, whoever the person is."""


class NotFoundError(GatewayError):
    """Nothing of that name is available to this caller; missing and hidden look alike."""


class GoneError(GatewayError):
    """The resource was deleted, and this caller could see its last version."""


class AuditUnavailableError(GatewayError):
    """The access could not be recorded, so nothing may be answered."""


class ConfigurationError(GatewayError):
    """The service is not set up in a way it may run with; the text says what to change."""


class NotAcceptableError(GatewayError):
    """The answer is asked for in a format that is not served."""


class MediaTypeError(GatewayError):
    """The body came as a media type that is not taken here."""


class NotSupportedError(GatewayError):
    """This is not done here, to anybody, whatever the id."""


class TooLargeError(GatewayError):
    """The body is above the size the service takes."""


class CapReachedError(GatewayError):
    """So many of these are allowed to one user in a day, and they are used up."""


class ThrottledError(GatewayError):
    """This was asked for too often of late; it may be asked for again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


class TooManyExportsError(ThrottledError):
    """A system may have so many exports at once, and has them; one is over after `seconds`."""


class TooManyFilesError(ThrottledError):
    """A system may fetch so many files of its exports at once, and does."""


class TooCostlyError(GatewayError):
    """The query would need more work than one request may ask for."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a request: a FHIR issue code, where, and our words for it."""

    code: str
    path: str
    text: str


class FaultyRequestError(GatewayError):
    """A request that is not well formed, with every fault found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("the request is not well formed")
        self.faults = tuple(faults)


class NotEntitledError(FaultyRequestError):
    """This is for others, whoever the people are; the caller is told for whom."""


class UnprocessableError(FaultyRequestError):
    """A well-formed resource that breaks FHIR's rules or this gateway's profile."""


class NotTheFormatError(FaultyRequestError):
    """Bytes that are not the feed's format; they were kept, and not taken."""


class VersionConflictError(FaultyRequestError):
    """What the request rests on is not so: another version stands, or none, or several, match."""
