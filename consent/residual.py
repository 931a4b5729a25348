"""What the person's own consents leave of the record, for one caller and one request.

In      the consents of one person; who asks, what, why, when; an open break-glass or none.
Out     Residual: denies over rows, and why.
Errors  UnloadedLinksError when a consent reaches along links that nobody looked up.
Rule    1. Only an active consent within the period of its root rule counts.
        2. A rule applies when its askers, actions and purposes all match; an exception that
           permits applies only where its root does.
        3. A root permit limits to its data: the permits of all consents together are one set,
           so that adding a permit never takes anything away.
        4. A root deny hides its data, but for the permits among its own exceptions.
        5. A nested deny always hides. Any deny wins, in any order.
        6. Where the deployment asks for explicit consent, what no consent permits is hidden.
        7. A deny matches dates that overlap and links both ways; a permit dates contained, and
           links to the thing named only.
        8. Break-glass lifts 3 to 5, unless the consent binds in an emergency too.
        9. The safety set stays for roles of direct care, unless a conversation is recorded.
       10. A consent that may be another person's is a limit by itself, and adds to no permit.
       11. A user is named in one form of their id where that takes something away: a deny, or a
           permit that limits them, which is then a limit by itself.
       12. What an organisation recorded leaves to those who may record it the Consents of their own
           organisation, so that a change of mind can be recorded too; not to who is shut out by
           name.
Source  docs/policy.md; FHIR R4 Consent.
Pure    The moment is request.at.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from consent.filter import EVERYTHING, And, Clause, Node, Not, Or, unique
from consent.periods import MAX_MICROS, MIN_MICROS, is_within
from consent.policy import ConsentDefault
from consent.rule import Actor, ActorKind, ConsentRule, DataReference, Meaning, Provision
from consent.standing import Case
from consent.terms import Purpose, Reason, Request
from consent.users import one_form

Links = Mapping[str, tuple[frozenset[str], frozenset[str]]]
_RECORDED: Final = Clause(categories=frozenset({"consent"}), resource_types=frozenset({"Consent"}))


class UnloadedLinksError(Exception):
    """A consent names a resource and what is linked with it; the links were not loaded."""


@dataclass(frozen=True, slots=True)
class Residual:
    """What consents take away, and on which grounds."""

    denies: tuple[Node, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class _Question:
    """The case, whether an emergency is open in it, and what its caller and purpose are called
    in a consent."""

    case: Case
    break_glass: bool
    names: frozenset[Actor]
    one_form: str
    purposes: frozenset[str]
    recorded: Clause | None
    """What the caller's organisation recorded, where the caller may record such."""

    @classmethod
    def of(cls, case: Case, break_glass: bool, records: bool) -> "_Question":
        caller = case.caller
        names = (
            Actor(ActorKind.ORGANISATION, caller.org),
            Actor(ActorKind.PERSON, caller.user_id),
            Actor(ActorKind.ROLE, caller.role),
        )
        emergency = (Purpose.BREAK_GLASS,) if break_glass else ()
        purposes = frozenset((case.request.purpose, *emergency))
        recorded = _RECORDED._replace(source_orgs=frozenset({caller.org})) if records else None
        return cls(
            case, break_glass, frozenset(names), one_form(caller.user_id), purposes, recorded
        )

    @property
    def links(self) -> Links | None:
        return self.case.person.links


def residual(case: Case, *, break_glass: bool, records: bool) -> Residual:
    """What is hidden from this caller by what the person said; `records`: from somebody who may
    record it for them."""
    question = _Question.of(case, break_glass, records)
    consents = (rule for rule in case.person.consents if _counts(rule, case.request))
    voices = [_Voice.of(rule, question) for rule in consents]
    denies = _hidden(voices, question)
    reasons = [Reason.DISSENT] if denies else []
    limits = _limits(voices, question)
    if limits:
        denies += limits
        reasons.append(Reason.CONSENT_SCOPE)
    if case.policy.settings.default is ConsentDefault.EXPLICIT:
        said = unique(node for voice in voices for node in voice.permitted)
        denies.append(Not(Or(said)))
        reasons += [] if said else [Reason.NO_CONSENT_RECORDED]
    return Residual(tuple(denies), tuple(reasons))


class _Voice(NamedTuple):
    """What one consent says here: what it permits, what it hides, and if it is a limit."""

    permitted: tuple[Node, ...]
    denies: tuple[Node, ...]
    is_limit: bool
    conversation: bool
    spared: Clause | None = None
    """What it hides from nobody who asks like this."""

    @classmethod
    def of(cls, rule: ConsentRule, question: _Question) -> "_Voice":
        root = rule.root if _applies(rule.root, question, loosely=True) else None
        nested = [part for part in rule.nested if _applies(part, question, loosely=not part.permit)]
        permits = [part for part in (*nested, rule.root) if root and part.permit]
        permitted = tuple([_permitted(part, question.links) for part in permits])
        narrows_only = rule.narrows_only or not _names(rule.root, question, loosely=False)
        if _is_lifted(rule, question):
            said = () if narrows_only else permitted
            return cls(said, (), is_limit=False, conversation=rule.conversation)
        denies: list[Node] = [_denied(p, question.links) for p in nested if not p.permit]
        if root is not None and not root.permit:
            hidden = _denied(root, question.links)
            denies.append(And((hidden, Not(Or(permitted)))) if permitted else hidden)
        if narrows_only:
            if root is not None and root.permit and EVERYTHING not in permitted:
                denies.append(Not(Or(permitted)))
            permitted, root = (), None
        shut_out = not rule.by_team or rule.names(question.case.caller.user_id)
        return cls(
            permitted,
            tuple(denies),
            is_limit=root is not None and root.permit,
            conversation=rule.conversation,
            spared=None if shut_out else question.recorded,
        )


def _hidden(voices: Iterable[_Voice], question: _Question) -> list[Node]:
    """What is denied: all of it where it was talked about, and else all but the safety set."""
    denies: dict[bool, list[Node]] = {True: [], False: []}
    for voice in voices:
        denies[voice.conversation] += [_but(one, voice.spared) for one in voice.denies]
    return denies[True] + _sparing_safety(denies[False], question)


def _limits(voices: Iterable[_Voice], question: _Question) -> list[Node]:
    """One deny of all that none of the limiting permits covers; none when one covers all."""
    limiting = [voice for voice in voices if voice.is_limit]
    union = unique(node for voice in limiting for node in voice.permitted)
    if not limiting or EVERYTHING in union:
        return []
    first = limiting[0].spared
    spared = first if all(voice.spared == first for voice in limiting) else None
    beyond: list[Node] = [_but(Not(Or(union)), spared)]
    talked = any(voice.conversation for voice in limiting)
    return beyond if talked else _sparing_safety(beyond, question)


def _but(hidden: Node, spared: Clause | None) -> Node:
    return hidden if spared is None else And((hidden, Not(spared)))


def _counts(rule: ConsentRule, request: Request) -> bool:
    return rule.active and is_within(rule.root.start, rule.root.end, request.at)


def _is_lifted(rule: ConsentRule, question: _Question) -> bool:
    overrides = question.case.policy.settings.break_glass_overrides_dissent
    return question.break_glass and overrides and not rule.binds_break_glass


def _sparing_safety(denies: list[Node], question: _Question) -> list[Node]:
    """The denies as one, without the safety set, for a role of direct care."""
    case = question.case
    if not denies or not case.role.direct_care or not case.policy.safety:
        return denies
    return [And((Or(tuple(denies)), Not(Clause(categories=case.policy.safety))))]


def _applies(part: Provision, question: _Question, *, loosely: bool) -> bool:
    request = question.case.request
    return (
        is_within(part.start, part.end, request.at)
        and _names(part, question, loosely=loosely)
        and (not part.actions or request.action in part.actions)
        and (not part.purposes or not part.purposes.isdisjoint(question.purposes))
    )


def _names(part: Provision, question: _Question, *, loosely: bool) -> bool:
    """Whether it is about who asks; `loosely`: also in another form of their id."""
    if not part.askers or not part.askers.isdisjoint(question.names):
        return True
    return loosely and any(
        one.kind is ActorKind.PERSON and one_form(one.value) == question.one_form
        for one in part.askers
    )


def _permitted(part: Provision, links: Links | None) -> Node:
    """The rows a permit covers: every label dominated, the dates contained."""
    named = part.sensitivities or None
    return Clause(
        categories=part.categories or None,
        resource_types=part.resource_types or None,
        resource_ids=_reached(part, links),
        source_orgs=part.source_orgs or None,
        authors=part.authors or None,
        confidentiality_max=part.confidentiality,
        sensitivities_within=named,
        sensitivities_any=named if part.confidentiality is None else None,
        contained_in=_span(part),
    )


def _denied(part: Provision, links: Links | None) -> Node:
    """The rows a deny covers: any label of those named, any overlap of dates."""
    level, marks = part.confidentiality, part.sensitivities or None
    several = level is not None and marks is not None
    clause = Clause(
        categories=part.categories or None,
        resource_types=part.resource_types or None,
        resource_ids=_reached(part, links),
        source_orgs=part.source_orgs or None,
        authors=part.authors or None,
        confidentiality_min=None if several else level,
        sensitivities_any=None if several else marks,
        overlaps=_span(part),
    )
    if not several:
        return clause
    either = Or((Clause(confidentiality_min=level), Clause(sensitivities_any=marks)))
    return And((clause, either))


def _span(part: Provision) -> tuple[int, int] | None:
    span = (part.data_start, part.data_end)
    return None if span == (MIN_MICROS, MAX_MICROS) else span


def _reached(part: Provision, links: Links | None) -> frozenset[str] | None:
    if not part.references:
        return None
    return frozenset().union(*(_ids(ref, part.permit, links) for ref in part.references))


def _ids(reference: DataReference, permit: bool, links: Links | None) -> frozenset[str]:
    itself = frozenset({reference.resource_id})
    if reference.meaning is Meaning.INSTANCE:
        return itself
    if links is None:
        raise UnloadedLinksError
    refers_to, referred_by = links.get(reference.resource_id, (frozenset(), frozenset()))
    return itself | referred_by | (frozenset() if permit else refers_to)
