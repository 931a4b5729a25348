"""The decision said again, plainly: one caller, one row, one question after the other.

It asks about one row at a time, in permit form: is there a permission left? The decision asks
about all rows at once, in deny form. They share the policy's data and nothing else.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from consent.policy import Policy, Role
from consent.terms import Caller, Labels, PersonFacts, Request

_VIEW = ("read", "search", "history")
_WRITE = ("create", "update", "delete")
IN_SCOPE = {
    "user/*.rs": ("*", _VIEW),
    "user/*.cruds": ("*", _VIEW + _WRITE),
    "user/CarePlan.rs": ("CarePlan", _VIEW),
    "user/Goal.r": ("Goal", ("read", "history")),
    "user/Goal.rs?x=1": ("Goal", ()),
}
_KEY_SAFE, _AFTERCARE = 256, 512
_KNOWN_MARKS = 0x3FF
"""Every label that can be read."""


@dataclass(frozen=True)
class _Ground:
    """Whether the caller stands before everything, before their own, and in an emergency."""

    everything: bool = False
    own: bool = False
    emergency: bool = False


def reference(
    asking: Caller, about: PersonFacts, asked: Request, rules: Policy, row: Labels
) -> bool:
    """Whether this caller, and each of those who look with them, may see this row."""
    calm = replace(asked, break_glass=None)
    for one in asking.present:
        beside = replace(asking, user_id=one.user_id, role=one.role, org=one.org)
        beside = replace(beside, scopes=frozenset(), present=())
        if not reference(beside, about, calm, rules, row):
            return False
    return _alone(asking, about, asked, rules, row)


def _alone(asking, about, asked, rules, row) -> bool:
    role = rules.roles[asking.role]
    if not _belong_together(asking, about, role):
        return False
    open_now = _is_open(asking, about, asked, rules, role)
    if not _is_for_care(asking, asked, rules, role, open_now):
        return False
    ground = _ground(asking, about, asked, rules, role, open_now)
    writes = asked.action in _WRITE and role.needs_relationship
    if writes and not (role.kind in ("patient", "proxy") or ground.everything):
        return False
    if about.pds == "V" and role.kind != "patient" and not _on_team(asking, about, asked):
        return False
    if not _role_opens(asking, about, asked, rules, role, ground, row):
        return False
    if _is_stopped(asking, about, rules, role, ground, row):
        return False
    if role.kind == "patient":
        return True
    return _consents_permit(asking, about, asked, rules, role, ground.emergency, row)


def _belong_together(asking, about, role) -> bool:
    if about.pds == "REDACTED" or asking.kind != role.kind:
        return False
    if asking.user_id in about.staff_ids and role.kind == "staff":
        return False
    if asking.patient is not None and asking.patient != about.person_id:
        return False
    if role.kind in ("patient", "proxy"):
        return asking.patient is not None
    return True


def _is_open(asking, about, asked, rules, role) -> bool:
    """An emergency of this caller to this person, opened by the rules and not ended."""
    opened = asked.break_glass
    if opened is None or not role.break_glass or asked.action not in _VIEW:
        return False
    if (opened.user_id, opened.org) != (asking.user_id, asking.org):
        return False
    if opened.role != asking.role or opened.person_id != about.person_id:
        return False
    if asked.purpose != "BTG" and asked.purpose != opened.purpose:
        return False
    if opened.reason_code not in rules.break_glass.reasons:
        return False
    if opened.text_length < rules.break_glass.text_at_least:
        return False
    if opened.opened > asked.at or asked.at >= opened.expires:
        return False
    return opened.expires <= opened.opened + timedelta(hours=rules.break_glass.hours)


def _is_for_care(asking, asked, rules, role, open_now) -> bool:
    if asked.purpose in rules.secondary or asked.purpose not in role.purposes:
        return False
    return open_now if asked.purpose == "BTG" else asked.purpose == asking.purpose


def _ground(asking, about, asked, rules, role, open_now) -> _Ground:
    if role.kind == "patient":
        return _Ground(everything=not about.deceased)
    if any(_keeps_away(one, asking, asked) for one in about.suspensions):
        return _Ground()
    if role.kind == "proxy":
        acts = any(_acts(one, asking, about, asked, rules) for one in about.proxies)
        return _Ground(everything=acts and not about.deceased)
    if not role.needs_relationship:
        return _Ground(own=True)
    kinds = {one.kind for one in about.relationships if _is_tie(one, asking, asked)}
    sent = "record-holder" in kinds and role.permission != "named"
    kinds.discard("record-holder")
    if not role.self_claim:
        kinds.discard("self-claim")
    asked_for = open_now or _was_asked(asking, about, asked, rules, role)
    related = bool(kinds) and asked_for
    return _Ground(related or open_now, related or sent, open_now)


def _now(one, asked) -> bool:
    return one.start <= asked.at and asked.at < one.end


def _keeps_away(one, asking, asked) -> bool:
    if one.user_id != asking.user_id or not _now(one, asked):
        return False
    return one.org == asking.org or not one.org


def _is_tie(one, asking, asked) -> bool:
    if one.user_id is not None and one.user_id != asking.user_id:
        return False
    return one.org == asking.org and _now(one, asked)


def _on_team(asking, about, asked) -> bool:
    return any(
        one.kind in ("care-team", "caseload")
        and one.user_id == asking.user_id
        and _is_tie(one, asking, asked)
        for one in about.relationships
    )


def _was_asked(asking, about, asked, rules, role) -> bool:
    by_name = role.permission == "named"
    if role.permission == "not-needed":
        return True
    if not by_name and rules.settings.permission == "implied":
        return True
    for one in about.permissions:
        names_them = one.user_id == asking.user_id
        names_their_place = one.user_id is None and one.org is not None and not by_name
        names = names_them or names_their_place
        if names and one.org in (None, asking.org) and _now(one, asked):
            return True
    return False


def _acts(one, asking, about, asked, rules) -> bool:
    if one.user_id != asking.user_id or not one.accepted or not _now(one, asked):
        return False
    if one.basis not in rules.proxy_bases:
        return False
    below = rules.proxy_bases[one.basis]
    if below is None:
        return True
    born = about.birth_date
    if born is None:
        return False
    today = asked.at.astimezone(ZoneInfo("Europe/London")).date()
    return today < date(born.year + below, born.month, born.day)


def _role_opens(asking, about, asked, rules, role: Role, ground, row) -> bool:
    if asked.action in _VIEW:
        cell = role.view
    elif asked.action in _WRITE:
        cell = role.write
    else:
        return False
    if asking.scopes:
        kinds = [IN_SCOPE[one][0] for one in asking.scopes if asked.action in IN_SCOPE[one][1]]
        if "*" not in kinds and row.resource_type not in kinds:
            return False
    level, marks, shelves = role.clearance, role.sensitivities, set(cell.everywhere)
    if ground.emergency:
        level, marks = max(level, 2), marks | rules.break_glass.sensitivities
        shelves |= rules.break_glass.categories
    comes = _comes_now(asking, about, asked, rules, role)
    marks |= _KEY_SAFE if comes else 0
    if ground.everything:
        if _is_aftercare_for(asking, about, asked, rules, role, cell, row):
            beside = marks | rules.aftercare.sensitivities | _AFTERCARE
            if row.confidentiality <= level and row.sensitivities | beside == beside:
                return True
        fits = row.confidentiality <= level and row.sensitivities | marks == marks
        if row.category in shelves and fits:
            return True
        instructs = role.direct_care and asked.action in _VIEW and row.category in rules.safety
        known = row.sensitivities | _KNOWN_MARKS == _KNOWN_MARKS
        if row.sensitivities & _KEY_SAFE and not comes:
            known = False
        if instructs and known and row.category in cell.everywhere:
            return True
    if not ground.own or row.source_org != asking.org or row.category not in cell.own:
        return False
    marks |= role.own_sensitivities
    level = max(level, role.own_clearance)
    return row.confidentiality <= level and row.sensitivities | marks == marks


def _comes_now(asking, about, asked, rules, role) -> bool:
    """Somebody of the caller's organisation is to be at the person's home about now."""
    told = rules.home_access
    if role.id not in told.roles or asked.action not in _VIEW or asking.keeps:
        return False
    for one in about.visits:
        if one.org != asking.org or one.start.year in (1, 9999):
            continue
        ends = one.end
        if ends.year == 9999:
            ends = one.start + told.assumed
        if ends - one.start > told.longest:
            ends = one.start + told.longest
        if one.start - told.before <= asked.at < ends + told.after:
            return True
    return False


def _is_aftercare_for(asking, about, asked, rules, role, cell, row) -> bool:
    """The row is of aftercare, on a shelf of it, and the caller is one of those it is told."""
    told = rules.aftercare
    if not row.sensitivities & _AFTERCARE or row.category not in told.categories:
        return False
    if asked.action in _WRITE and row.category not in cell.everywhere:
        return False
    if role.id in told.roles:
        return True
    return role.id in told.named_roles and _on_team(asking, about, asked)


def _is_stopped(asking, about, rules, role, ground, row) -> bool:
    own = row.source_org == asking.org
    person = role.kind in ("patient", "proxy")
    if row.legal & rules.hard_stops:
        return True
    if role.lay and row.holds & rules.person_holds:
        return True
    new = about.review_from is not None and row.end > about.review_from
    if role.lay and new and row.category not in rules.review_spares:
        return True
    if about.opted_out and not person and not own and not ground.emergency:
        return True
    for one in about.closed:
        checks = one.checked and role.id in rules.safety_roles
        if row.source_org == one.org and row.feed in (one.feed, "") and not checks:
            return True
    if row.feed in about.off.feeds or (row.feed == "" and row.source_org in about.off.senders):
        return True
    if person:
        return "own-record" in about.off.features
    return "shared-record" in about.off.features and not own


class _UnknownError(Exception):
    """A rule reaches along links that nobody looked up."""


def _consents_permit(asking, about, asked, rules, role, emergency, row) -> bool:
    try:
        return _consents_leave(asking, about, asked, rules, role, emergency, row)
    except _UnknownError:
        return False


def _consents_leave(asking, about, asked, rules, role, emergency, row) -> bool:
    said, limits, covered, limits_talked, hidden = False, False, False, False, False
    limits_kept = True
    recorded = _recorded_by_own(asking, about, asked, rules, role, emergency, row)
    spared = role.direct_care and row.category in rules.safety
    for rule in about.consents:
        if not rule.active or not _now(rule.root, asked):
            continue
        root = _speaks(rule.root, asking, asked, emergency, True)
        by_name = _speaks(rule.root, asking, asked, emergency, False)
        nested = [
            part for part in rule.nested if _speaks(part, asking, asked, emergency, not part.permit)
        ]
        permits = [part for part in [*nested, rule.root] if part.permit and root]
        permitted = True in [_covers(part, row, about.links) for part in permits]
        said = said or (permitted and by_name)
        lifted = emergency and rules.settings.break_glass_overrides_dissent
        if lifted and not rule.binds_break_glass:
            continue
        hides = True in [_touches(part, row, about.links) for part in nested if not part.permit]
        if root and rule.root.permit and not by_name:
            hides = hides or not permitted
        elif root and rule.root.permit:
            limits, covered = True, covered or permitted
            limits_talked = limits_talked or rule.conversation
        elif root:
            hides = (_touches(rule.root, row, about.links) and not permitted) or hides
        kept = recorded and rule.by_team and not _shuts_out(rule, asking)
        if by_name and rule.root.permit and not kept:
            limits_kept = False
        hidden = hidden or (hides and not kept and (rule.conversation or not spared))
    if hidden:
        return False
    if limits and not covered and not limits_kept and (limits_talked or not spared):
        return False
    return said or rules.settings.default == "implied"


def _recorded_by_own(asking, about, asked, rules, role, emergency, row) -> bool:
    """A Consent of the caller's own organisation, asked for by one who may record such."""
    if (row.category, row.resource_type, row.source_org) != ("consent", "Consent", asking.org):
        return False
    if role.kind != "staff" or "consent" not in role.write.own or not role.needs_relationship:
        return False
    if asked.action == "create":
        return False
    ties = {one.kind for one in about.relationships if _is_tie(one, asking, asked)}
    ties -= {"record-holder", "self-claim"}
    return bool(ties) and (emergency or _was_asked(asking, about, asked, rules, role))


def _shuts_out(rule, asking) -> bool:
    for part in (rule.root, *rule.nested):
        for one in part.askers:
            mine = one.value.lower() == asking.user_id.lower()
            if not part.permit and one.kind == "person" and mine:
                return True
    return False


def _speaks(part, asking, asked, emergency, in_any_case) -> bool:
    if not _now(part, asked):
        return False
    names = {("organisation", asking.org), ("person", asking.user_id), ("role", asking.role)}
    askers = {(one.kind.value, one.value) for one in part.askers}
    if in_any_case:
        names.add(("person", asking.user_id.lower()))
        askers |= {(kind, one.lower()) for kind, one in askers if kind == "person"}
    if askers and not askers & names:
        return False
    if part.actions and asked.action not in part.actions:
        return False
    purposes = {asked.purpose, "BTG"} if emergency else {asked.purpose}
    return not part.purposes or bool(purposes & part.purposes)


def _is_about(part, row, links) -> bool:
    """The row is of the shelf, source, author, type and name that the part speaks about."""
    reached = set()
    for one in part.references:
        reached.add(one.resource_id)
        if one.meaning != "instance":
            if links is None:
                raise _UnknownError
            refers_to, referred_by = links.get(one.resource_id, ((), ()))
            reached |= set(referred_by) if part.permit else {*referred_by, *refers_to}
    if part.references and row.resource_id not in reached:
        return False
    if part.categories and row.category not in part.categories:
        return False
    if part.source_orgs and row.source_org not in part.source_orgs:
        return False
    if part.authors and row.author not in part.authors:
        return False
    return not part.resource_types or row.resource_type in part.resource_types


def _covers(part, row, links) -> bool:
    """A permit covers the row: every label and every day of it."""
    if not _is_about(part, row, links):
        return False
    if row.start < part.data_start or row.end > part.data_end or row.start >= part.data_end:
        return False
    if part.confidentiality is not None:
        if row.confidentiality > part.confidentiality:
            return False
        return part.sensitivities == 0 or row.sensitivities & ~part.sensitivities == 0
    if part.sensitivities == 0:
        return True
    shared = row.sensitivities & part.sensitivities
    return shared != 0 and shared == row.sensitivities


def _touches(part, row, links) -> bool:
    """A deny touches the row: any label or any day of it."""
    if not _is_about(part, row, links):
        return False
    if row.start >= part.data_end or (row.end <= part.data_start and row.start < part.data_start):
        return False
    if part.confidentiality is None and part.sensitivities == 0:
        return True
    if part.confidentiality is not None and row.confidentiality >= part.confidentiality:
        return True
    return row.sensitivities & part.sensitivities != 0
