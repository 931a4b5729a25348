"""The decision in Cedar: entities for the caller, the role and the rows; policies for the rest.

In      a world (tests/unit/consent/drawn.py) and rows.
Out     the rows that Cedar's own engine allows.
Rule    Layers are forbids, what a role opens are permits: that any forbid wins is Cedar's rule too.
        Cedar has no "some of these records", so each relationship, permission, authority and
        consent becomes a condition of its own in the text, with its dates compared there.
        What it cannot say: masks, obligations, reasons and what is shown without its reason are
        no allow or deny; ages are calendar arithmetic, and arrive as moments; those who look
        together are a request each; worlds with links that nobody loaded are left out.
Source  cedarpolicy.com, the language reference.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from json import dumps
from typing import Any
from zoneinfo import ZoneInfo

import cedarpy

from consent.labels import HOLDS, LEGAL, SENSITIVITIES, UNKNOWN_SENSITIVITY
from consent.periods import MAX_MICROS, MIN_MICROS, to_micros
from consent.policy import Policy, Role
from consent.rule import ConsentRule, Provision
from consent.terms import Labels
from tests.contract import cedar_openings as openings
from tests.contract.cedar_openings import any_, during, flag, list_, quoted
from tests.contract.reference import IN_SCOPE
from tests.unit.consent.drawn import TYPES, World

_MARKS = {**SENSITIVITIES, "UNKNOWN": UNKNOWN_SENSITIVITY}
_EVERY_TYPE, _SENT = TYPES, ("record-holder",)
_GROUPS = {
    **dict.fromkeys(("read", "search", "history"), "view"),
    **dict.fromkeys(("create", "update", "delete"), "write"),
}

POLICIES = """
permit (principal, action in Action::"view", resource) when {
  ($BEFORE_ALL) && principal.role.view.contains(resource.category) && ($FITS)
  && principal.types.contains(resource.type)
};
permit (principal, action in Action::"view", resource) when {
  ($EMERGENCY) && context.opens.contains(resource.category) && ($FITS)
  && principal.types.contains(resource.type)
};
permit (principal, action in Action::"view", resource) when {
  ($BEFORE_ALL) && principal.role.care && context.safety.contains(resource.category)
  && principal.role.view.contains(resource.category)
  && (context.known.containsAll(resource.marks)
    || ($VISITS) && context.known_near.containsAll(resource.marks))
  && principal.types.contains(resource.type)
};
permit (principal, action in Action::"view", resource) when {
  ($BEFORE_OWN) && principal.org != "" && principal.org == resource.org
  && principal.role.view_own.contains(resource.category) && ($FITS_OWN)
  && principal.types.contains(resource.type)
};
permit (principal, action in Action::"write", resource) when {
  ($BEFORE_ALL) && principal.role.write.contains(resource.category) && ($FITS)
  && principal.types.contains(resource.type)
};
permit (principal, action in Action::"write", resource) when {
  ($BEFORE_OWN) && ($BEFORE_ALL || !principal.role.related)
  && principal.org != "" && principal.org == resource.org
  && principal.role.write_own.contains(resource.category) && ($FITS_OWN)
  && principal.types.contains(resource.type)
};
forbid (principal, action, resource) when { principal has bound && principal.bound != "alice" };
forbid (principal, action, resource) when { context.pds == "REDACTED" };
forbid (principal, action, resource) when { context.staff.contains(principal.user) };
forbid (principal, action, resource) when {
  context.pds == "V" && principal.role.kind != "patient" && !($ON_TEAM)
};
forbid (principal, action, resource) when {
  context.secondary.contains(context.purpose)
  || !principal.role.purposes.contains(context.purpose)
};
forbid (principal, action, resource) unless {
  if context.purpose == "BTG" then ($OPENED) else context.purpose == principal.purpose
};
forbid (principal, action, resource) when { context.stops.containsAny(resource.legal) };
forbid (principal, action, resource) when {
  principal.role.lay && context.person_holds.containsAny(resource.holds)
};
forbid (principal, action, resource) when {
  principal.role.lay && context has review_from && resource.until > context.review_from
  && !context.review_spares.contains(resource.category)
};
forbid (principal, action, resource) when {
  context.opted_out && !principal.role.person && principal.org != resource.org && !($EMERGENCY)
};
forbid (principal, action, resource) when { $CLOSED || $AWAY };
forbid (principal, action, resource) when {
  context.off_feeds.contains(resource.feed)
  || (resource.feed == "" && context.off_senders.contains(resource.org))
};
forbid (principal, action, resource) when {
  if principal.role.person then context.off.contains("own-record")
  else context.off.contains("shared-record") && principal.org != resource.org
};
"""
_FITS = openings.fits("principal.role.level", "principal.role.marks")
_FITS_OWN = openings.fits("principal.role.own_level", "principal.role.own_marks")
_FITS_OPEN = openings.fits("context.level", "context.marks")
_FITS_OPEN_OWN = openings.fits("context.own_level", "context.own_marks")
_OPENED = """principal.role.breaks && action in Action::"view" && context has opened
  && context.opened.user == principal.user && context.opened.org == principal.org
  && context.opened.role == principal.role_id && context.opened.person == "alice"
  && [context.opened.purpose, "BTG"].contains(context.purpose)
  && context.reasons.contains(context.opened.reason)
  && context.opened.length >= context.length_least
  && context.opened.from <= context.at && context.at < context.opened.until
  && context.opened.until - context.opened.from <= context.longest"""


def allowed(world: World, rules: Policy, rows: Iterable[Labels]) -> list[int]:
    """The places of the rows that Cedar allows."""
    held = list(rows)
    policies = cedarpy.PolicySet.from_str(_policies(world, rules))
    entities = [_principal(world), _role(rules.roles[world.caller.role]), *_actions()]
    entities += [_row(n, one) for n, one in enumerate(held)]
    graph = cedarpy.Entities.from_json_str(dumps(entities))
    asked = {
        "principal": {"type": "Caller", "id": "caller"},
        "action": {"type": "Action", "id": str(world.request.action)},
        "context": _context(world, rules),
    }
    requests = [{**asked, "resource": {"type": "Row", "id": str(n)}} for n in range(len(held))]
    answers = cedarpy.is_authorized_batch(requests, policies, graph)
    failed = [error for one in answers for error in one.diagnostics.errors]
    if failed:
        raise AssertionError(failed[0])
    return [n for n, one in enumerate(answers) if one.allowed]


def _principal(world: World) -> dict[str, Any]:
    who = world.caller
    kinds = {IN_SCOPE[one][0] for one in who.scopes if world.request.action in IN_SCOPE[one][1]}
    every = not who.scopes or "*" in kinds
    return {
        "uid": {"type": "Caller", "id": "caller"},
        "attrs": {
            "user": who.user_id,
            "form": who.user_id.casefold(),
            "org": who.org,
            "role": {"__entity": {"type": "Role", "id": who.role}},
            "role_id": who.role,
            "purpose": str(who.purpose),
            "types": list(_EVERY_TYPE) if every else sorted(kinds),
            **({"bound": who.patient} if who.patient is not None else {}),
        },
        "parents": [],
    }


def _role(role: Role) -> dict[str, Any]:
    return {
        "uid": {"type": "Role", "id": role.id},
        "attrs": {
            "kind": str(role.kind),
            "person": role.kind in ("patient", "proxy"),
            "lay": role.lay,
            "care": role.direct_care,
            "related": role.needs_relationship,
            "breaks": role.break_glass,
            "purposes": sorted(role.purposes),
            "view": sorted(role.view.everywhere),
            "view_own": sorted(role.view.own),
            "write": sorted(role.write.everywhere),
            "write_own": sorted(role.write.own),
            "level": role.clearance,
            **_marks("marks", role.sensitivities),
            "own_level": max(role.clearance, role.own_clearance),
            **_marks("own_marks", role.sensitivities | role.own_sensitivities),
        },
        "parents": [],
    }


def _actions() -> list[dict[str, Any]]:
    return [
        {
            "uid": {"type": "Action", "id": name},
            "attrs": {},
            "parents": [{"type": "Action", "id": group}],
        }
        for name, group in _GROUPS.items()
    ]


def _row(place: int, row: Labels) -> dict[str, Any]:
    return {
        "uid": {"type": "Row", "id": str(place)},
        "attrs": {
            "category": row.category,
            "level": row.confidentiality,
            "marks": _names(row.sensitivities, _MARKS),
            "holds": _names(row.holds, HOLDS),
            "legal": _names(row.legal, LEGAL),
            "org": row.source_org,
            "author": row.author,
            "from": row.start,
            "until": row.end,
            "type": row.resource_type,
            "id": row.resource_id,
            "feed": row.feed,
        },
        "parents": [],
    }


def _context(world: World, rules: Policy) -> dict[str, Any]:
    about, asked, role = world.person, world.request, rules.roles[world.caller.role]
    opens = rules.break_glass
    marks = role.sensitivities | opens.sensitivities
    found = {
        "at": to_micros(asked.at),
        "purpose": str(asked.purpose),
        "secondary": sorted(rules.secondary),
        "pds": str(about.pds),
        "staff": sorted(about.staff_ids),
        "opted_out": about.opted_out,
        "stops": _names(rules.hard_stops, LEGAL),
        "person_holds": _names(rules.person_holds, HOLDS),
        "review_spares": sorted(rules.review_spares),
        "safety": sorted(rules.safety),
        **_marks("known", sum(SENSITIVITIES.values()) - SENSITIVITIES[openings.HOME_ACCESS]),
        "after_shelves": sorted(rules.aftercare.categories),
        "after_marks": [
            "S117",
            *_names(role.sensitivities | rules.aftercare.sensitivities, _MARKS),
        ],
        "after_roles": sorted(rules.aftercare.roles),
        "after_named": sorted(rules.aftercare.named_roles),
        "opens": sorted(opens.categories),
        "reasons": sorted(opens.reasons),
        "length_least": opens.text_at_least,
        "longest": opens.hours * 3_600_000_000,
        "level": max(role.clearance, 2),
        **_marks("marks", marks),
        "own_level": max(role.clearance, 2, role.own_clearance),
        **_marks("own_marks", marks | role.own_sensitivities),
        "off": sorted(about.off.features),
        "off_feeds": sorted(about.off.feeds),
        "off_senders": sorted(about.off.senders),
    }
    if about.review_from is not None:
        found["review_from"] = about.review_from
    if asked.break_glass is not None:
        one = asked.break_glass
        found["opened"] = {
            "user": one.user_id,
            "org": one.org,
            "role": one.role,
            "person": one.person_id,
            "purpose": str(one.purpose),
            "reason": one.reason_code,
            "length": one.text_length,
            "from": to_micros(one.opened),
            "until": to_micros(one.expires),
        }
    return found


def _marks(name: str, mask: int) -> dict[str, list[str]]:
    """The marks by this name, and beside them those of who is near a visit."""
    near = mask | SENSITIVITIES[openings.HOME_ACCESS]
    return {name: _names(mask, _MARKS), f"{name}_near": _names(near, _MARKS)}


def _names(mask: int, registry: dict[str, int]) -> list[str]:
    return sorted(name for name, bit in registry.items() if mask & bit)


def _policies(world: World, rules: Policy) -> str:
    role = rules.roles[world.caller.role]
    emergency = f"({_OPENED}) && {flag(role.kind == 'staff' and role.needs_relationship)}"
    texts = {
        "$AFTERCARE": openings.AFTERCARE_FITS,
        "$BEFORE_ALL": _before_all(world, rules, role, emergency),
        "$BEFORE_OWN": _before_own(world, rules, role, emergency),
        "$FITS_OWN": f"if ({emergency}) then {_FITS_OPEN_OWN} else {_FITS_OWN}",
        "$FITS": f"if ({emergency}) then {_FITS_OPEN} else {_FITS}",
        "$EMERGENCY": emergency,
        "$OPENED": _OPENED,
        "$ON_TEAM": any_(
            f"principal.user == {dumps(one.user_id)} && {_tie(one)}"
            for one in world.person.relationships
            if one.kind in ("care-team", "caseload") and one.user_id is not None
        ),
        "$AWAY": any_(
            f"{_is(one.user_id, 'user')} && {_is(one.org or None, 'org')} && {during(one)}"
            for one in (() if role.kind == "patient" else world.person.suspensions)
        ),
        "$CLOSED": any_(
            f"resource.org == {dumps(one.org)} && {list_(one.feed, '')}.contains(resource.feed)"
            f" && !({flag(one.checked)} && {list_(*rules.safety_roles)}"
            ".contains(principal.role_id))"
            for one in world.person.closed
        ),
    }
    texts["$VISITS"] = openings.visits(world.person.visits, rules, keeps=world.caller.keeps)
    policies = POLICIES + openings.AFTERCARE
    for name, text in texts.items():
        policies = policies.replace(name, text)
    return policies + "".join(_consents(world, rules, emergency))


def _before_all(world: World, rules: Policy, role: Role, emergency: str) -> str:
    if role.kind == "patient":
        return flag(not world.person.deceased)
    if role.kind == "proxy":
        acts = any_(_authority(one, world) for one in _accepted(world, rules))
        return f"{flag(not world.person.deceased)} && {acts}"
    if not role.needs_relationship:
        return "false"
    return f"({_related(world, rules, role, emergency)}) || ({emergency})"


def _before_own(world: World, rules: Policy, role: Role, emergency: str) -> str:
    if role.kind in ("patient", "proxy"):
        return "false"
    if not role.needs_relationship:
        return "true"
    sent = any_(
        _tie(one)
        for one in world.person.relationships
        if one.kind == "record-holder" and role.permission != "named"
    )
    return f"({_related(world, rules, role, emergency)}) || {sent}"


def _related(
    world: World, rules: Policy, role: Role, emergency: str, apart: tuple[str, ...] = _SENT
) -> str:
    apart = apart if role.self_claim else (*apart, "self-claim")
    tied = any_(_tie(one) for one in world.person.relationships if one.kind not in apart)
    named = role.permission == "named"
    if role.permission == "not-needed" or not (named or rules.settings.permission == "recorded"):
        return tied
    asked = any_(
        f"{_is(one.org, 'org')} && {_is(one.user_id, 'user')} && {during(one)}"
        for one in world.person.permissions
        if one.user_id is not None or (one.org is not None and not named)
    )
    return f"{tied} && ({asked} || ({emergency}))"


def _tie(one: Any) -> str:
    return f"principal.org == {dumps(one.org)} && {_is(one.user_id, 'user')} && {during(one)}"


def _is(value: str | None, name: str) -> str:
    return "true" if value is None else f"principal.{name} == {dumps(value)}"


def _accepted(world: World, rules: Policy) -> Iterable[Any]:
    """Authorities that count, each with the moment at which the person is too old for it."""
    for one in world.person.proxies:
        if not one.accepted or one.basis not in rules.proxy_bases:
            continue
        below, born = rules.proxy_bases[one.basis], world.person.birth_date
        if below is None:
            yield one, None
        elif born is not None:
            day = date(born.year + below, born.month, born.day)
            midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/London"))
            yield one, to_micros(midnight.astimezone(UTC))


def _authority(pair: Any, world: World) -> str:
    one, too_old = pair
    young = "true" if too_old is None else f"context.at < {too_old}"
    return f"principal.user == {dumps(one.user_id)} && {during(one)} && {young}"


def _consents(world: World, rules: Policy, emergency: str) -> Iterable[str]:
    """What the person said, as forbids: what is denied, what no limit covers, what nobody said."""
    if world.caller.kind == "patient":
        return
    links = dict(world.person.links or {})
    rules_in_force = [one for one in world.person.consents if one.active]
    limits, covers, talks, said, hides = [], [], [], [], []
    role = rules.roles[world.caller.role]
    related = _related(world, rules, role, emergency, (*_SENT, "self-claim"))
    for one in rules_in_force:
        permits = _permits(one, links, emergency)
        said.append(_permits(one, links, emergency, loosely=False))
        lifted = rules.settings.break_glass_overrides_dissent and not one.binds_break_glass
        in_force = f"{during(one.root)} && !({flag(lifted)} && ({emergency}))"
        kept = openings.recorded(one, related)
        spared = f"{flag(not one.conversation)} && {_SPARED} || ({kept})"
        for part in one.nested:
            if not part.permit:
                speaks = _speaks(part, emergency, loosely=True)
                what = f"{in_force} && {speaks} && {_touches(part, links)}"
                yield _forbid(f"{what} && !({spared})")
        root = f"{in_force} && {_speaks(one.root, emergency, loosely=True)}"
        if one.root.permit:
            named = f"({_speaks(one.root, emergency, loosely=False)})"
            yield _forbid(f"{root} && !{named} && !{permits} && !({spared})")
            limits.append(root := f"{root} && {named}")
            covers.append(f"{root} && {permits}")
            talks.append(f"{root} && {flag(one.conversation)}")
            hides.append(f"{root} && !({kept})")
        else:
            what = f"{root} && {_touches(one.root, links)} && !{permits}"
            yield _forbid(f"{what} && !({spared})")
    beyond = f"{any_(limits)} && !{any_(covers)} && {any_(hides)}"
    yield _forbid(f"{beyond} && !(!{any_(talks)} && {_SPARED})")
    if rules.settings.default == "explicit":
        yield _forbid(f"!{any_(said)}")


_SPARED = "principal.role.care && context.safety.contains(resource.category)"


def _forbid(condition: str) -> str:
    return f"forbid (principal, action, resource) when {{ {condition} }};\n"


def _permits(rule: ConsentRule, links: Any, emergency: str, *, loosely: bool = True) -> str:
    """What the rule permits here: by its exceptions too, where its root speaks."""
    root = f"{during(rule.root)} && {_speaks(rule.root, emergency, loosely=loosely)}"
    return any_(
        f"{root} && {_speaks(part, emergency, loosely=part is rule.root)} && {_covers(part, links)}"
        for part in (rule.root, *rule.nested)
        if part.permit
    )


def _speaks(part: Provision, emergency: str, *, loosely: bool) -> str:
    names = {"organisation": "org", "person": "user", "role": "role_id"}
    conditions = [during(part)]
    if part.askers:
        people = [one.value for one in part.askers if loosely and one.kind.value == "person"]
        spoken = [
            f"principal.{names[one.kind.value]} == {quoted(one.value)}" for one in part.askers
        ]
        spoken += [f"principal.form == {quoted(one.casefold())}" for one in people]
        conditions.append(any_(spoken))
    if part.actions:
        named = [f'Action::"{one}"' for one in sorted(part.actions)]
        conditions.append(any_(f"action == {one}" for one in named))
    if part.purposes:
        stated = f"{list_(*part.purposes)}.contains(context.purpose)"
        conditions.append(f"({stated} || {flag('BTG' in part.purposes)} && ({emergency}))")
    return " && ".join(conditions)


def _about(part: Provision, links: Any) -> list[str]:
    names: set[str] = set()
    for one in part.references:
        names.add(one.resource_id)
        if one.meaning != "instance":
            refers_to, referred_by = links.get(one.resource_id, ((), ()))
            names |= set(referred_by) if part.permit else {*refers_to, *referred_by}
    sides = {
        "category": part.categories,
        "org": part.source_orgs,
        "author": part.authors,
        "type": part.resource_types,
        "id": names,
    }
    return [f"{list_(*v)}.contains(resource.{name})" for name, v in sides.items() if v] or ["true"]


def _covers(part: Provision, links: Any) -> str:
    conditions = _about(part, links)
    marks = list_(*_names(part.sensitivities, _MARKS))
    if part.confidentiality is not None:
        conditions.append(f"resource.level <= {part.confidentiality}")
    if part.sensitivities:
        conditions.append(f"{marks}.containsAll(resource.marks)")
        if part.confidentiality is None:
            conditions.append(f"{marks}.containsAny(resource.marks)")
    if part.data_start != MIN_MICROS:
        conditions.append(f"{part.data_start} <= resource.from")
    if part.data_end != MAX_MICROS:
        conditions.append(f"resource.from < {part.data_end} && resource.until <= {part.data_end}")
    return " && ".join(conditions)


def _touches(part: Provision, links: Any) -> str:
    conditions = _about(part, links)
    labels = []
    if part.confidentiality is not None:
        labels.append(f"{part.confidentiality} <= resource.level")
    if part.sensitivities:
        labels.append(f"{list_(*_names(part.sensitivities, _MARKS))}.containsAny(resource.marks)")
    if labels:
        conditions.append(any_(labels))
    if part.data_end != MAX_MICROS:
        conditions.append(f"resource.from < {part.data_end}")
    if part.data_start != MIN_MICROS:
        start = part.data_start
        conditions.append(f"({start} < resource.until || {start} <= resource.from)")
    return " && ".join(conditions)
