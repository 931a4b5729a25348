"""The formats FHIR is served in, and which of them a request asks for.

In      a value of `_format`, or an Accept header.
Out     JSON, XML, or None where it names no format that is served.
Rule    The range of the greatest weight wins, the first of equals; a browser's text/html is JSON.
Source  http://hl7.org/fhir/R4/http.html#mime-type
"""

from functools import lru_cache
from typing import Final

JSON: Final = "application/fhir+json"
XML: Final = "application/fhir+xml"
_NAMES: Final = {
    **dict.fromkeys(("json", "application/json", "text/json", JSON), JSON),
    **dict.fromkeys(("xml", "application/xml", "text/xml", XML), XML),
}
_RANGES: Final = _NAMES | dict.fromkeys(("*/*", "application/*", "text/*", "text/html"), JSON)
_VERSION: Final = "fhirversion="


def named(asked: str) -> str | None:
    """What a `_format` names; a + in it may have become a space on the way."""
    return _NAMES.get(asked.replace(" ", "+").partition(";")[0])


@lru_cache(maxsize=256)
def preferred(accept: str) -> str | None:
    """What an Accept header asks for; JSON where there is none."""
    ranges = [one for one in accept.lower().split(",") if one.strip()]
    found = [_weighed(one) for one in ranges] if ranges else [(1.0, JSON)]
    weight, best = max(found, key=lambda one: one[0])
    return best if weight > 0 else None


def _weighed(media_range: str) -> tuple[float, str]:
    """The weight of a range and the format it takes; 0 for one that is not served."""
    media, *parameters = [part.strip() for part in media_range.split(";")]
    version = next((p for p in parameters if p.startswith(_VERSION)), f"{_VERSION}4.0")
    if media not in _RANGES or version != f"{_VERSION}4.0":
        return 0.0, ""
    weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    try:
        return float(weight), _RANGES[media]
    except ValueError:
        return 0.0, ""
