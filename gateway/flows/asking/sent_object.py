"""What is sent, as it was meant: a JSON body, the words of a reason, a date of a parameter.

Rule    Each field of an object is named once: of one that is named twice, readers differ about
        which counts; whoever reads the request on its way and whoever acts on it must not see two
        things.
Errors  FaultyRequestError.
Pure    Yes.
"""

from collections.abc import Collection
from typing import Any

from consent.periods import micros_covered
from gateway.errors import Fault, FaultyRequestError
from gateway.store.clear import precise
from mappings.core.model.outcome import NotThisFormatError
from mappings.core.reading.json_body import NAMED_TWICE, RepeatedFieldError, read_json, repeated_in


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


def sent_texts(body: bytes, *names: str, may: Collection[str] = ()) -> dict[str, str]:
    """The object of exactly these texts that was sent; empty for those it may leave out."""
    sent = dict.fromkeys(may, "") | sent_object(body)
    names = (*names, *may)
    faults = [
        Fault("required", name, "a text") for name in names if not isinstance(sent.get(name), str)
    ]
    if sent.keys() - set(names):
        faults.append(Fault("structure", "", "holds a field that is not known here"))
    if faults:
        raise FaultyRequestError(faults)
    return {name: sent[name].strip() for name in names}


def check_words(name: str, words: str, least: int, most: int) -> None:
    """Errors: FaultyRequestError where somebody says too little to be understood, or too much."""
    length = len(words.strip())
    if not least <= length <= most:
        code = "required" if length < least else "too-long"
        raise FaultyRequestError([Fault(code, name, f"in {least} to {most} letters")])


def sent_span(name: str, text: str, words: str) -> tuple[int, int]:
    """What a date or an instant of a parameter covers: its first microsecond, and the first after
    it. A + that a client leaves as it is in an address arrives as a space."""
    try:
        return micros_covered(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise FaultyRequestError([Fault("invalid", name, words)]) from None


def sent_fhir(body: bytes) -> Any:
    """What was sent as FHIR, its decimals with their digits; the path of a field that stands twice
    is told."""
    try:
        return precise.sent(body)
    except RepeatedFieldError:
        fault = Fault("structure", repeated_in(body.decode()), NAMED_TWICE)
    except ValueError:
        fault = Fault("structure", "", "not readable as JSON")
    raise FaultyRequestError([fault])
