"""The formats FHIR is served in, and which of them a request asks for.

In      a value of `_format`, or an Accept header; either may name a profile beside a format.
Out     JSON, XML, or None where it names no format that is served; the profile that is asked for.
Rule    The range of the greatest weight wins, the first of equals; a browser's text/html is JSON.
        A profile that no view is made of is a format that is not served: an answer never passes
        for what it is not.
Source  http://hl7.org/fhir/R4/http.html#mime-type; RFC 6906 (profile)
"""

from functools import lru_cache
from typing import Final, NamedTuple

from gateway.api.answers import interweave

JSON: Final = "application/fhir+json"
XML: Final = "application/fhir+xml"
BODIES: Final = (JSON, "application/json")
"""What a body of FHIR may be called."""
_NAMES: Final = {
    **dict.fromkeys(("json", "application/json", "text/json", JSON), JSON),
    **dict.fromkeys(("xml", "application/xml", "text/xml", XML), XML),
}
_RANGES: Final = _NAMES | dict.fromkeys(("*/*", "application/*", "text/*", "text/html"), JSON)
_VERSION: Final = "fhirversion="
_PROFILE: Final = "profile="
PROFILES: Final = {one.lower(): one for one in (interweave.PROFILE,)}
"""Those in which a resource can be asked for."""


class _Range(NamedTuple):
    weight: float
    format: str
    profile: str = ""


_NONE: Final = _Range(0.0, "")


def named(asked: str) -> str | None:
    """What a `_format` names; a + in it may have become a space on the way."""
    media, _, parameters = asked.replace(" ", "+").partition(";")
    return _NAMES.get(media) if _profile(parameters.split(";")) is not None else None


def profile_named(asked: str) -> str:
    """The profile that a `_format` names; empty for none."""
    return _profile(asked.split(";")[1:]) or ""


def preferred(accept: str) -> str | None:
    """What an Accept header asks for; JSON where there is none."""
    best = _best(accept)
    return best.format if best.weight > 0 else None


def profile_preferred(accept: str) -> str:
    """The profile that an Accept header asks for; empty for none."""
    return _best(accept).profile


@lru_cache(maxsize=256)
def _best(accept: str) -> _Range:
    ranges = [one for one in accept.lower().split(",") if one.strip()]
    found = [_weighed(one) for one in ranges] if ranges else [_Range(1.0, JSON)]
    return max(found, key=lambda one: one.weight)


def _weighed(media_range: str) -> _Range:
    """The weight of a range and what it takes; 0 for one that is not served."""
    media, *parameters = [part.strip() for part in media_range.split(";")]
    version = next((p for p in parameters if p.startswith(_VERSION)), f"{_VERSION}4.0")
    profile = _profile(parameters)
    if media not in _RANGES or version != f"{_VERSION}4.0" or profile is None:
        return _NONE
    weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    try:
        return _Range(float(weight), _RANGES[media], profile)
    except ValueError:
        return _NONE


def _profile(parameters: list[str]) -> str | None:
    """The profile that is named; empty where none is, None where no view is made of it."""
    said = (one.strip()[len(_PROFILE) :] for one in parameters if one.strip().startswith(_PROFILE))
    asked = next(said, "").strip('"').lower()
    return PROFILES.get(asked.partition("|")[0]) if asked else ""
