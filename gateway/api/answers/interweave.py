"""A CarePlan as Interweave's draft profile has it, made of the plan that was shown.

In      a CarePlan as this caller was given it, filtered and masked.
Out     the same plan without what the profile forbids, with what it asks for where that stands
        in the plan, and with the profile in its meta.
Rule    Nothing is looked up, so that the view tells no more than the plan. What is left out is
        said to be (SUBSETTED). The display of the person is a word and never their name. An end
        that was concluded goes with the mark that says so.
Source  Interweave-CarePlan 0.0.1 (draft); docs/adr/0054-profiles.md.
Pure    Nothing is changed in place.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from mappings.core.model import systems
from mappings.terms.synonyms import ELSEWHERE

PROFILE: Final = "https://fhir.interweavedigital.nhs.uk/R4/StructureDefinition/Interweave-CarePlan"
LOCAL_ID: Final = "https://fhir.interweavedigital.nhs.uk/Id/local-carePlan-identifier"
PROVENANCE: Final = "https://fhir.interweavedigital.nhs.uk/Provenance"
PERSON: Final = "Person whose plan this is"
_DERIVED_END: Final = f"{systems.OWN}/StructureDefinition/derived-end"
_OWN_ID: Final = re.compile(r"urn:care-gateway:([a-z0-9]+):local-id")
_SOURCE: Final = re.compile(r"urn:care-gateway:(?:source|team):([A-Z0-9]+)(?::[a-z-]+)?")
_BARE: Final = ("id", "extension")
_INSTANTIATES: Final = (
    "instantiatesCanonical",
    "_instantiatesCanonical",
    "instantiatesUri",
    "_instantiatesUri",
)
_GONE: Final = (*_INSTANTIATES, "contributor", "supportingInfo")
_EQUIVALENT: Final = {
    (ours, code): {"system": theirs, "code": their_code}
    for _, theirs, ours, what, codes in ELSEWHERE
    if what == "equivalent"
    for their_code, code in codes.items()
}
"""A concept of ours -> the one of theirs that says the same, no more and no less."""

Json = dict[str, Any]


def viewed(plan: Json) -> tuple[Json, bool]:
    """The plan in this profile, and whether something was left out of it."""
    kept = _kept(plan)
    return _filled(kept), kept != plan


def _kept(plan: Json) -> Json:
    """The plan without what the profile forbids, and without what that leaves empty."""
    made = _without(plan, *_GONE)
    made["meta"] = _without(plan.get("meta", {}), *_BARE)
    made["subject"] = _without(plan["subject"], *_BARE, "display")
    made["identifier"] = [_without(one, *_BARE) for one in plan.get("identifier", ())]
    made["period"] = _period(plan.get("period", {}))
    made["activity"] = [_activity(one) for one in plan.get("activity", ())]
    made["activity"] = [one for one in made["activity"] if one]
    met = _without(plan.get("encounter", {}), *_BARE)
    made["encounter"] = met if "reference" in met else {}
    return {name: value for name, value in made.items() if value not in ({}, [])}


def _filled(plan: Json) -> Json:
    """The plan with what the profile asks for, as far as the plan itself says it."""
    made: Json = _coded(plan)
    made["meta"] = _meta(plan.get("meta", {}))
    made["subject"] = {"display": PERSON} | plan["subject"]
    local = _local_id(plan.get("identifier", []))
    return made | ({"identifier": [local, *plan["identifier"]]} if local else {})


def _meta(meta: Json) -> Json:
    """With the profile, and the organisation whose data it is, where the plan names it."""
    made = meta | {"profile": [PROFILE]}
    source = _SOURCE.fullmatch(str(meta.get("source", "")))
    others = [one for one in meta.get("tag", ()) if one.get("system") != PROVENANCE]
    if source:
        words = f"Organisation with the ODS code {source[1]}"
        others.append({"system": PROVENANCE, "code": source[1], "display": words})
    return made | ({"tag": others} if others else {})


def _local_id(given: list[Json]) -> Json | None:
    """The providing system's own number, as Interweave writes it: after the ODS code. None where
    the plan has one already."""
    if any(one.get("system") == LOCAL_ID for one in given):
        return None
    for one in given:
        own = _OWN_ID.fullmatch(str(one.get("system")))
        if own and one.get("value"):
            return {"system": LOCAL_ID, "value": f"{own[1].upper()}.{one['value']}"}
    return None


def _period(period: Json) -> Json:
    concluded = any(one.get("url") == _DERIVED_END for one in period.get("extension", ()))
    return _without(period, *_BARE, *(("end", "_end") if concluded else ()))


def _activity(activity: Json) -> Json:
    made = _without(activity, *_BARE)
    if "detail" in made:
        made["detail"] = _without(made["detail"], *_BARE, *_INSTANTIATES)
    return made


def _coded(node: Any) -> Any:
    """A copy with Interweave's code beside each of ours that has one."""
    if isinstance(node, list):
        return [_coded(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {name: _coded(value) for name, value in node.items()}
    if isinstance(made.get("coding"), list):
        made["coding"] = _with_theirs(made["coding"])
    return made


def _with_theirs(codings: list[Json]) -> list[Json]:
    found = [_EQUIVALENT.get((str(c.get("system")), str(c.get("code")))) for c in codings]
    said = [(one.get("system"), one.get("code")) for one in codings]
    new = [one for one in found if one and (one["system"], one["code"]) not in said]
    return [*codings, *new]


def _without(node: Mapping[str, Any], *names: str) -> Json:
    return {name: value for name, value in node.items() if name not in names}
