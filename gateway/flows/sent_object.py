"""A small JSON body as it was meant: an object in which each field is named once.

Rule    Of a field that is named twice, readers differ about which one counts; whoever reads the
        request on its way and whoever acts on it must not see two things.
Errors  FaultyRequestError.
Pure    Yes.
"""

from typing import Any

from gateway.errors import Fault, FaultyRequestError
from mappings.core.json_body import read_json
from mappings.core.outcome import NotThisFormatError


def sent_object(body: bytes) -> dict[str, Any]:
    """The object that was sent."""
    try:
        sent = read_json(body)
    except NotThisFormatError:
        text = "not readable as JSON whose objects name each field once"
        raise FaultyRequestError([Fault("structure", "", text)]) from None
    if not isinstance(sent, dict):
        raise FaultyRequestError([Fault("structure", "", "an object in JSON is expected")])
    return sent
