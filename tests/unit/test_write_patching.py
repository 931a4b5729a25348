"""JSON Patch: the examples of RFC 6902, and what somebody could try."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import FaultyRequestError, UnprocessableError
from gateway.flows.writing.write_patching import operations, patched

# RFC 6902, appendix A: document, patch, result (None: an error)
EXAMPLES = [
    ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
    ({"foo": ["bar", "baz"]}, [{"op": "add", "path": "/foo/1", "value": "qux"}],
     {"foo": ["bar", "qux", "baz"]}),
    ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
    ({"baz": "qux"}, [{"op": "replace", "path": "/baz", "value": "boo"}], {"baz": "boo"}),
    ({"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
     [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
     {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}}),
    ({"foo": ["all", "grass", "cows", "eat"]}, [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
     {"foo": ["all", "cows", "eat", "grass"]}),
    ({"baz": "qux", "foo": ["a", 2, "c"]},
     [{"op": "test", "path": "/baz", "value": "qux"}, {"op": "test", "path": "/foo/1", "value": 2}],
     {"baz": "qux", "foo": ["a", 2, "c"]}),
    ({"baz": "qux"}, [{"op": "test", "path": "/baz", "value": "bar"}], None),
    ({"foo": "bar"}, [{"op": "add", "path": "/child", "value": {"grandchild": {}}}],
     {"foo": "bar", "child": {"grandchild": {}}}),
    ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}],
     {"foo": "bar", "baz": "qux"}),
    ({"foo": "bar"}, [{"op": "add", "path": "/baz/bat", "value": "qux"}], None),
    ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": "10"}], None),
    ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}],
     {"foo": ["bar", ["abc", "def"]]}),
    # and beside it
    ({"a": 1}, [{"op": "test", "path": "/a", "value": 1.0}], {"a": 1}),
    ({"a": 1}, [{"op": "test", "path": "/a", "value": True}], None),
    ({"a": [1]}, [{"op": "add", "path": "/a/2", "value": 2}], None),
    ({"a": [1]}, [{"op": "remove", "path": "/a/-"}], None),
    ({"a": [1, 2]}, [{"op": "remove", "path": "/a/01"}], None),
    ({"a": {"b": 1}}, [{"op": "move", "from": "/a", "path": "/a/b"}], None),
    ({"a": 1}, [{"op": "move", "from": "/a", "path": "/a"}], {"a": 1}),
    ({"a": 1}, [{"op": "replace", "path": "/b", "value": 2}], None),
    ({"a": 1}, [{"op": "replace", "path": "", "value": {"b": 2}}], {"b": 2}),
    ({"a": 1}, [{"op": "remove", "path": ""}], None),
    ({"a": 1}, [{"op": "add", "path": "/a/b", "value": 1}], None),
    ({"": 1}, [{"op": "remove", "path": "/"}], {}),
]  # fmt: skip


@pytest.mark.parametrize(("document", "listed", "result"), EXAMPLES)
def test_every_operation_does_what_the_rfc_says(document, listed, result):
    before = json.dumps(document)
    asked = operations(json.dumps(listed).encode())
    if result is None:
        with pytest.raises(UnprocessableError):
            patched(document, asked)
    else:
        assert patched(document, asked) == result
    assert json.dumps(document) == before


@pytest.mark.parametrize(
    "sent",
    [
        [{"op": "add", "path": "/a"}],
        [{"op": "move", "path": "/a"}],
        [{"op": ["add"], "path": "/a", "value": 1}],
        [{"op": {}, "path": "/a"}],
        [{"op": "remove", "path": "a"}],
        [{"op": "remove", "path": "/~2"}],
        [{"op": "remove", "path": 7}],
        [{"op": "test", "path": "/a", "value": 1}] * 1_001,
        {"op": "remove", "path": "/a"},
    ],
)
def test_what_is_no_operation_is_refused_before_any_is_done(sent):
    with pytest.raises(FaultyRequestError):
        operations(json.dumps(sent).encode())


def test_copies_of_copies_come_to_an_end():
    doubling = [{"op": "copy", "from": "/a", "path": "/a/-"}] * 60
    with pytest.raises(UnprocessableError):
        patched({"a": [1, 2, 3]}, doubling)


_values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["x", "y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=6,
)
_pointers = st.lists(st.sampled_from(["a", "b", "0", "1", "-"]), max_size=3).map(
    lambda parts: "".join(f"/{one}" for one in parts)
)
_asked = st.fixed_dictionaries({
    "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
    "path": _pointers, "from": _pointers, "value": _values,
})  # fmt: skip


@given(_values, st.lists(_asked, max_size=5))
def test_whatever_is_asked_it_is_done_or_refused(document, listed):
    """No other error leaves, and what was given is as it was."""
    held = {"a": document}
    before = json.dumps(held)
    with suppress(UnprocessableError):
        patched(held, operations(json.dumps(listed).encode()))
    assert json.dumps(held) == before


@given(_values, _values)
def test_what_was_put_in_passes_its_test(document, value):
    listed = [
        {"op": "add", "path": "/n", "value": value},
        {"op": "test", "path": "/n", "value": value},
        {"op": "remove", "path": "/n"},
    ]
    assert patched({"a": document}, listed) == {"a": document}
