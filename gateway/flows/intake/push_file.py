"""A file is pushed as its organisation would push it, and answered whatever it is.

In      A file's bytes and name; the organisation and feed it is of; who pushes for them.
Out     The delivery's answer; `refused` with the reasons where it is not the feed's format or is
        too large.
Errors  Those of push that are ours and not the file's.
"""

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any, Final

from gateway.errors import FaultyRequestError, TooLargeError
from gateway.flows.intake.delivery_answer import refused
from gateway.flows.intake.push_update import Push, push
from gateway.store.commit.units import Store
from mappings.core.model.outcome import Issue, error

MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".json": "application/json",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
    ".hl7": "x-application/hl7-v2+er7",
}
TOO_LARGE: Final = error("", "too-large", "above the size the service takes")


def media_type_of(name: str) -> str:
    """The media type that a file's name says; empty where it says none."""
    return MEDIA_TYPES.get(PurePath(name).suffix.lower(), "")


async def pushed(store: Store, what: Push) -> dict[str, Any]:
    """The answer of a delivery, of one that is refused too."""
    try:
        return await push(store, what)
    except FaultyRequestError as reason:
        return refusal(error(one.path, one.code, one.text) for one in reason.faults)
    except TooLargeError:
        return refusal([TOO_LARGE])


def refusal(reasons: Iterable[Issue]) -> dict[str, Any]:
    """The answer to what never became a delivery."""
    return refused("", reasons)
