"""What members of a team edit of what a feed states: kept apart from it, shown laid over it.

In      The source's body; statements, each of one element or of one entry of a list.
Out     The body that is shown; the statements after another edit; all of it as it is sealed.
Rule    A statement remembers what it was said in place of. Of one value it stands while the source
        says that; where the source says otherwise since, the source's newer word stands, and a
        note tells the other, by whom and when. An entry that both changed stands twice, with a
        note. What would no longer be valid together is told in notes alone.
Source  docs/adr/0045-an-edit-lies-over-what-a-feed-states.md.
Pure    Values in, values out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from gateway.store.clear import precise
from gateway.store.team.team_edit_notes import mark_of, note_of, told_in, untold
from gateway.store.team.team_statements import Beside, Group, Statement
from mappings.core.checking.validate import validate

_APART: Final = frozenset({"resourceType", "id", "meta", "text"})
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "Goal": ("start",),
    "Observation": ("effective", "value"),
    "ServiceRequest": ("quantity", "occurrence", "asNeeded"),
}
"""Elements of which one of several types is sent: `value[x]` is one, whatever it is called."""


def laid(beside: Beside, *, tell: bool = True) -> dict[str, Any]:
    """The source's body with the statements laid over it; `tell`: with notes on what differs."""
    body, differing = _laid(beside.source, beside.statements)
    if beside.statements and validate(body) and not validate(beside.source):
        body, differing = dict(beside.source), list(beside.statements)
    if tell and differing:
        notes = [note_of(one, body, beside.since.get(one.element)) for one in differing]
        body = body | {"note": [*body.get("note", ()), *notes]}
    return body


def _laid(
    source: Mapping[str, Any], statements: Iterable[Statement]
) -> tuple[dict[str, Any], list[Statement]]:
    """The body without notes, and the statements that do not stand alone in it."""
    said = elements(source)
    now, differing = dict(said), list[Statement]()
    marks: dict[str, list[bytes]] = {}
    for one in statements:
        stood = said.get(one.element, {})
        if one.is_entry:
            held = list(now.get(one.element, {}).get(one.element, ()))
            if one.element not in marks:
                marks[one.element] = [_bytes(each) for each in held]
            if not _enter(held, marks[one.element], one):
                differing.append(one)
            now[one.element] = {one.element: held} if held else {}
        elif _bytes(stood) in (_bytes(one.was), _bytes(one.now)):
            now[one.element] = one.now
            marks.pop(one.element, None)
            differing = [each for each in differing if each.element != one.element]
        else:
            differing.append(one)
    body = {name: value for name, value in source.items() if name in _APART}
    for group in now.values():
        body |= group
    return body, differing


def _enter(held: list[Any], marks: list[bytes], one: Statement) -> bool:
    """Do to a list, and to its entries as bytes, what the statement says; whether that says all:
    not where the source has changed what is replaced."""
    was, now = _bytes(one.was), _bytes(one.now)
    is_there = now in marks
    place = marks.index(was) if was in marks else None
    if place is not None and (one.now is None or is_there):
        del held[place], marks[place]
    elif place is not None:
        held[place], marks[place] = one.now, now
    elif one.now is not None and not is_there:
        held.append(one.now)
        marks.append(now)
        return one.was is None or not one.is_sources
    return True


def elements(body: Mapping[str, Any]) -> dict[str, Group]:
    """A body element by element; what the server says of it apart."""
    choices = _CHOICES.get(body["resourceType"], ())
    found: dict[str, Group] = {}
    for name, value in body.items():
        if name not in _APART:
            found.setdefault(_element(name, choices), {})[name] = value
    return found


def _element(name: str, choices: Sequence[str]) -> str:
    plain = name.removeprefix("_")
    for one in choices:
        if plain.startswith(one) and plain[len(one) : len(one) + 1].isupper():
            return one
    return plain


def stated(
    beside: Beside,
    seen: Iterable[Statement],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    by: Statement,
) -> tuple[Statement, ...]:
    """The statements once somebody who saw `before`, under the statements `seen`, wants `after`;
    `by`: who and when. Who takes out the note that tells an edit of their own organisation takes
    that edit back."""
    answered = told_in(before) - told_in(after)
    made = [
        one for one in beside.statements if one.org != by.org or mark_of(one, after) not in answered
    ]
    told = [one for one in seen if not one.is_entry]
    then, now, said = (elements(untold(one)) for one in (before, after, beside.source))
    for name in dict.fromkeys([*then, *now]):
        old, new = then.get(name, {}), now.get(name, {})
        if _bytes(old) == _bytes(new):
            continue
        stood = said.get(name, {})
        if _is_list(name, old) and _is_list(name, new):
            sources = {_bytes(one) for one in stood.get(name, ())}
            for was, is_now in _pairs(old.get(name, []), new.get(name, [])):
                _note_entry(made, _said(by, name, was, is_now, _bytes(was) in sources))
            continue
        made = [one for one in made if one.element != name or one not in told]
        left, _ = _laid(beside.source, made)
        if _bytes(elements(left).get(name, {})) != _bytes(new):
            made.append(_said(by, name, stood, new, None))
    return tuple(made)


def _said(by: Statement, name: str, was: Any, now: Any, is_sources: bool | None) -> Statement:
    is_entry = is_sources is not None
    return Statement(
        by.org, by.author, by.request_id, by.at, name, is_entry, was, now, bool(is_sources)
    )


def _note_entry(made: list[Statement], new: Statement) -> None:
    """Add what is said of an entry; to what the same organisation put there before, as one."""
    for place, one in enumerate(made):
        mine = one.is_entry and (one.org, one.element) == (new.org, new.element)
        if mine and one.now is None and new.was is None and _bytes(one.was) == _bytes(new.now):
            del made[place]
            return
        if mine and one.now is not None and _bytes(one.now) == _bytes(new.was):
            del made[place]
            if _bytes(one.was) != _bytes(new.now):
                _note_entry(made, _said(new, new.element, one.was, new.now, one.is_sources))
            return
    made.append(new)


def _is_list(name: str, group: Group) -> bool:
    return not group or (group.keys() == {name} and isinstance(group[name], list))


def _pairs(old: list[Any], new: list[Any]) -> list[tuple[Any, Any]]:
    """Entries that were replaced, with what is there now; None for nothing."""
    left = [_bytes(one) for one in new]
    gone: list[tuple[int, Any]] = []
    for place, one in enumerate(old):
        if _bytes(one) in left:
            left.remove(_bytes(one))
        else:
            gone.append((place, one))
    came: list[tuple[int, Any]] = []
    for place in range(len(new) - 1, -1, -1):
        if _bytes(new[place]) in left:
            left.remove(_bytes(new[place]))
            came.insert(0, (place, new[place]))
    if len(old) == len(new) and [place for place, _ in gone] == [place for place, _ in came]:
        return [(was, now) for (_, was), (_, now) in zip(gone, came, strict=True)]
    return [*((was, None) for _, was in gone), *((None, now) for _, now in came)]


def _bytes(value: Any) -> bytes:
    return precise.dumps(value, orjson.OPT_SORT_KEYS)
