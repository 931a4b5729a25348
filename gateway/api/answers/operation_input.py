"""What an operation is given: in its address, or by POST as Parameters.

In      A request; of a POST its body, which may be none.
Out     Name and value of each parameter, in their order.
Errors  FaultyRequestError with every path at fault; MediaTypeError, TooLargeError.
Source  http://hl7.org/fhir/R4/operations.html#executing
"""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request

from gateway.api.answers import formats
from gateway.api.answers.dependencies import FORM_BYTES, body_of, media_type_of
from gateway.errors import Fault, FaultyRequestError, MediaTypeError
from gateway.flows.asking.sent_object import sent_fhir
from mappings.core.checking.validate import validate

_PLAIN: Final = (str, int)  # true and false among them


async def given_to(request: Request) -> list[tuple[str, str]]:
    """The parameters of an operation that takes plain values alone."""
    given = request.query_params.multi_items()
    body = await body_of(request, FORM_BYTES) if request.method == "POST" else b""
    if not body:
        return given
    if media_type_of(request) not in formats.BODIES:
        raise MediaTypeError
    sent = sent_fhir(body)
    if not isinstance(sent, dict) or sent.get("resourceType") != "Parameters":
        raise FaultyRequestError([Fault("structure", "", "a Parameters resource is expected")])
    return [*given, *((name, _plain(value)) for name, value in parameters(sent))]


def _plain(value: Any) -> str:
    if not isinstance(value, _PLAIN):
        text = "takes a plain value"
        raise FaultyRequestError([Fault("invalid", "Parameters.parameter", text)])
    return str(value).lower() if isinstance(value, bool) else str(value)


def parameters(sent: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Name and value of each parameter of a Parameters. Errors: FaultyRequestError."""
    problems = [one for one in validate(sent) if not one.path.count(".resource")]
    if problems:
        raise FaultyRequestError([Fault(p.code, p.path, p.text) for p in problems])
    return [
        (
            one["name"],
            next((v for k, v in one.items() if k.startswith(("value", "resource"))), None),
        )
        for one in sent.get("parameter", ())
    ]
