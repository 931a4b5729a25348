"""An older item is folded in anew only where that can change something: as if it always were."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store.keyring.keys import KeyedHasher
from gateway.store.labels.label_union import raised, set_security
from gateway.store.record.fold import (
    Origin,
    State,
    first_state,
    is_settled,
    next_state,
    raise_labels,
)
from gateway.store.record.localising import Localiser
from gateway.store.record.mattering import mattering, naming_from, naming_of
from mappings.core.model import systems
from mappings.core.model.outcome import Fold, Lineage, Mapped
from tests.sampling import examples

LOCALISER = Localiser(KeyedHasher((b"index" * 7,), b"identity" * 4), "ORG1", "P1")
ADDED = ("list", "parts")
DEFAULTS: dict[str, Any] = {"status": "unknown", "list": [{"at": 0}]}
SECURITY = [
    [{"system": systems.CONFIDENTIALITY, "code": code}, {"system": systems.ACT_CODE, "code": word}]
    for code, word in (("N", "PSY"), ("R", "HIV"), ("N", "HIV"))
]
SECURITY.append([{"system": systems.CONFIDENTIALITY, "code": "R"}])
entries = st.lists(
    st.fixed_dictionaries({"at": st.integers(0, 2)}, optional={"period": st.integers(0, 1)}),
    min_size=1,
    max_size=2,
    unique_by=lambda one: one["at"],
)
said = st.fixed_dictionaries(
    {"meta": st.sampled_from(SECURITY).map(lambda labels: {"security": labels})},
    optional={
        "word": st.sampled_from(["a", "b", None]),
        "whole": st.sampled_from([[1], [1, 2], None]),
        "status": st.sampled_from(["active", None]),
        "list": entries | st.none(),
        "parts": st.dictionaries(st.sampled_from("xy"), st.sampled_from([1, 2, None]), min_size=1),
    },
)

folds = st.sampled_from([Fold.MERGE, Fold.MERGE, Fold.MERGE, Fold.REPLACE])


def _mapped(resource: dict[str, Any], fold: Fold, *, fills: bool, adds: bool) -> Mapped:
    defaults = DEFAULTS if fills and fold is Fold.MERGE else {}
    lines = [Lineage(path, f"field {path}", path) for path in _paths(resource)]
    filled = [Lineage(name, "", f"default.{name}") for name in defaults]
    return Mapped(
        "Patient", "p", {"resourceType": "Patient", **resource}, tuple(lines), fold,
        ADDED if adds else (), defaults, tuple(filled),
    )  # fmt: skip


def _paths(resource: dict[str, Any]) -> Iterator[str]:
    """As rows write lines: of an element, of a part, of what stands in an entry."""
    yield "resourceType"
    for name, value in resource.items():
        if name == "meta":
            yield from (f"meta.security[{n}]" for n, one in enumerate(value["security"]) if n)
        elif isinstance(value, dict):
            yield from (f"{name}.{part}" for part in value)
        elif isinstance(value, list) and name == "list":
            yield from (f"{name}[{n}].at" for n in range(len(value)))
        else:
            yield name


def _folded(items: list[tuple[int, Mapped]]) -> State:
    state = None
    for place, mapped in sorted(items, key=lambda item: item[0]):
        order, origin = (f"{place:02}", ""), Origin(f"{place:02}", "d", 1, "k", "m", 1)
        if state is None:
            state = first_state(mapped, LOCALISER, origin, order)
        else:
            state = next_state(state, mapped, LOCALISER, origin, order)
    assert state is not None
    return state


items = st.builds(_mapped, said, folds, fills=st.booleans(), adds=st.booleans())


@settings(max_examples=examples(600), deadline=None)
@given(st.lists(items, min_size=2, max_size=6), st.data())
def test_what_is_settled_is_what_folding_anew_would_give(told, data):
    late = data.draw(st.integers(0, len(told) - 2))
    numbered = list(enumerate(told))
    state = _folded([one for one in numbered if one[0] != late])
    newer = {f"{place:02}" for place, _ in numbered if place > late}
    if is_settled(state, told[late], LOCALISER, ADDED, newer):
        raise_labels(state, told[late])
        assert state.body == _folded(numbered).body


@settings(max_examples=examples(1500), deadline=None)
@given(st.lists(items, min_size=1, max_size=9))
def test_what_matters_folds_into_what_all_would(told):
    numbered = list(enumerate(told))
    whole = _folded(numbered)
    matter = mattering([naming_from(naming_of(one).to_bytes()) for one in told])
    state = _folded([numbered[place] for place in matter])
    set_security(state.body, raised(whole.body, state.body))
    assert (state.body, state.lineage, state.origins, state.order) == (
        whole.body, whole.lineage, whole.origins, whole.order,
    )  # fmt: skip


def test_of_many_items_that_say_the_same_elements_the_newest_matters_alone():
    named = [naming_of(_told(word=word, whole=[1], parts={"x": 1})) for word in "ab" * 50]
    assert mattering(named) == [0, 99], "and the oldest, for its default"


def _told(**resource: Any) -> Mapped:
    meta = {"security": SECURITY[0]}
    return _mapped({"meta": meta, **resource}, Fold.MERGE, fills=True, adds=True)


def test_an_item_that_repeats_or_was_restated_is_settled_and_one_that_adds_is_not():
    state = _folded([(1, _told(word="a")), (3, _told(word="b", whole=[1]))])
    for mapped, newer, settled in (
        (_told(word="b"), (), True),
        (_told(word="a"), {"03"}, True),
        (_told(word="a"), (), False),
        (_told(word="b", parts={"x": 1}), {"03"}, False),
        (_told(word="b", status=None), {"03"}, False),
    ):
        assert is_settled(state, mapped, LOCALISER, ADDED, newer) is settled
