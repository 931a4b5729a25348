"""The laws of code tables and rows: a modifier quarantines, the rest keeps its text.

Every table is tried, in every feed, with a word it does not hold.
"""

from collections.abc import Iterator

import pytest

from mappings.core.applying.apply import map_item
from mappings.core.checking.shapes import shape_of
from mappings.core.model.codes import Concept
from mappings.core.model.outcome import Item, Severity
from mappings.core.model.paths import Found, Scope
from mappings.core.model.rows import SUBJECT_ELEMENT, Kind, Row
from mappings.core.released.version import version
from mappings.registry import FEEDS
from tests.contract.deliveries import changed, deliveries, mapped, page_of

WORD = "Zq7Xw9 no such code"
MODIFIERS = {"status", "lifecycleStatus", "intent"}
TRIED_OF_A_ROW = 2
KINDS = [(feed, kind) for feed, value in FEEDS.items() for kind in value.kinds]
every_kind = pytest.mark.parametrize(("feed", "kind"), KINDS)


def _rows(rows, within="") -> Iterator[tuple[str, Row]]:
    for row in rows:
        yield f"{within}{row.to}", row
        yield from _rows(row.rows, f"{within}{row.to}.")


def _kind(feed, kind) -> Kind:
    return FEEDS[feed].kinds[kind]


def _places(kind, facts, row) -> Iterator[Found]:
    """Where a row of this kind finds its word in these facts."""
    prepared = kind.prepare(facts) if kind.prepare else None
    root = Scope(facts, Found((), facts), prepared=prepared)
    for target in kind.targets:
        for scope in target.scopes(root):
            yield from _found(target.rows, scope, row)


def _found(rows, scope, wanted) -> Iterator[Found]:
    for row in rows:
        if row.gather is not None:
            found = list(row.gather(scope))
        elif isinstance(row.source, str):
            found = list(row.compiled.sources[0].find(scope))
        else:
            found = []
        if row is wanted:
            yield from found
        for inner in found if row.rows else ():
            yield from _found(row.rows, scope.inside(inner), wanted)


def _tried(feed, kind, row):
    """Items of the feed in which the row reads one word, with that word replaced."""
    for delivery in (one for one in deliveries() if one.feed_name == feed):
        for found_kind, item, outcome in mapped(delivery):
            if found_kind is not kind or outcome.quarantined:
                continue
            for found in list(_places(kind, item.facts, row))[:TRIED_OF_A_ROW]:
                if isinstance(found.value, str) and found.steps:
                    facts = changed(item.facts, found.steps, WORD)
                    worse = map_item(kind, Item(item.kind, item.number, facts))
                    read = any(one.steps == found.steps for one in _places(kind, facts, row))
                    as_sent = found.value == _at(item.facts, found.steps)
                    yield kind.show(found.steps), worse, read and as_sent


def _at(facts, steps):
    """What stands there as sent; a word a function derived from it is not that."""
    for step in steps:
        facts = facts[step]
    return facts


def _with_tables(kind, *, required):
    for target in kind.targets:
        for _, row in _rows(target.rows):
            if row.table is not None and row.table.required is required and row.fn is None:
                yield row


@every_kind
def test_an_unmapped_modifier_code_is_refused(feed, kind):
    """Where a function derives the code from several fields, one of them may only be reported."""
    for row in _with_tables(_kind(feed, kind), required=True):
        for path, outcome, as_sent in _tried(feed, _kind(feed, kind), row):
            found = [i for i in outcome.issues if i.code == "unmapped-code" and i.path == path]
            errors = [i for i in found if i.severity is Severity.ERROR]
            assert errors if as_sent else found, (row.id, path)
            if errors:
                assert outcome.quarantined or _kind(feed, kind).keeps_rest, row.id


@every_kind
def test_an_unmapped_code_elsewhere_is_kept_as_text_and_reported_once(feed, kind):
    for row in _with_tables(_kind(feed, kind), required=False):
        for path, outcome, _ in _tried(feed, _kind(feed, kind), row):
            found = [i for i in outcome.issues if i.code == "unmapped-code" and i.path == path]
            same = [i for i in found if f"table for {row.to};" in i.text]
            assert len(same) == 1, (row.id, path)
            if not outcome.quarantined and not row.table.gives_codes:
                assert {i.severity for i in same} == {Severity.WARNING}, row.id
                assert WORD in str([one.resource for one in outcome.resources]), row.id


@pytest.mark.parametrize("feed", FEEDS)
def test_every_required_table_is_tried(feed):
    """A law that finds nothing to try proves nothing. Kinds may share a row: one try is enough."""
    tried: dict[int, bool] = {}
    names = {}
    for kind in FEEDS[feed].kinds.values():
        for row in _with_tables(kind, required=True):
            names[id(row)] = row.id
            if not tried.get(id(row)) and (isinstance(row.source, str) or row.gather):
                tried[id(row)] = any(_tried(feed, kind, row))
    untried = [names[one] for one, done in tried.items() if not done]
    assert untried == [], "add a golden case or an example that holds this field"


@every_kind
def test_a_modifier_element_takes_no_code_that_is_not_required(feed, kind):
    for target in _kind(feed, kind).targets:
        for path, row in _rows(target.rows):
            if path in MODIFIERS and row.table is not None:
                assert row.table.required, row.id


@every_kind
def test_every_code_a_table_gives_is_in_the_value_set_of_its_element(feed, kind):
    for target in _kind(feed, kind).targets:
        for path, row in _rows(target.rows):
            if row.table is None:
                continue
            field = _field(target.type, path)
            assert field is not None, (row.id, path)
            for word, meaning in row.table.rows.items():
                if isinstance(meaning, Concept):
                    allowed = field.concepts
                    assert allowed is None or (meaning.system, meaning.code) in allowed, word
                else:
                    assert field.codes is None or meaning in field.codes, (row.id, word)


def _field(type_name, path):
    """The element at a path; `_name` is what is said beside a primitive."""
    field = None
    for name in path.split("."):
        beside = name.startswith("_")
        field = shape_of(type_name).fields.get(name.partition("[")[0].removeprefix("_"))
        if field is None or (beside and not field.companion):
            return None
        type_name = field.type
    return field


@every_kind
def test_every_row_goes_to_an_element_of_its_type(feed, kind):
    for target in _kind(feed, kind).targets:
        for path, row in _rows(target.rows):
            assert _field(target.type, path) is not None, (row.id, path)


@every_kind
def test_rows_are_named_and_say_why(feed, kind):
    value = _kind(feed, kind)
    for target in value.targets:
        ids = [row.id for _, row in _rows(target.rows)]
        assert len(set(ids)) == len(ids), target.title
        named = (target.each, target.when, target.key, target.category, target.labels)
        inner = [one for _, row in _rows(target.rows) for one in (row.fn, row.gather)]
        for function in (one for one in (*named, *inner) if callable(one)):
            plain = getattr(function, "func", function)
            assert getattr(plain, "__name__", type(plain).__name__) != "<lambda>", ids
    titles = [target.title for target in value.targets]
    assert len(set(titles)) == len(titles)
    assert all(len(why.split()) >= 2 for why in value.ignored.values())


@every_kind
def test_what_refers_to_a_target_names_one(feed, kind):
    value = _kind(feed, kind)
    titles = {target.title for target in value.targets}
    for target in value.targets:
        for _, row in _rows(target.rows):
            assert row.refers_to is None or row.refers_to in titles, row.id


@every_kind
def test_a_version_is_of_the_tables(feed, kind):
    assert len(version(_kind(feed, kind))) == 12
    assert f"`{version(_kind(feed, kind))}`" in page_of(feed)


def test_no_two_kinds_have_one_version():
    versions = [version(_kind(*one)) for one in KINDS]
    assert len(set(versions)) == len(versions)


def test_every_target_has_a_subject_or_none_on_purpose():
    for feed, kind in KINDS:
        for target in _kind(feed, kind).targets:
            element = SUBJECT_ELEMENT.get(target.type, "subject")
            assert not element or element in shape_of(target.type).fields, target.type
