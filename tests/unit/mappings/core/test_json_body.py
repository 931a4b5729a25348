"""A JSON body is read as facts that can be stored and read again, or refused."""

import json

import pytest

from mappings.core.model.outcome import NotThisFormatError
from mappings.core.reading.json_body import DEEPEST, read_json


def _nested(levels, opening="[", closing="]"):
    return (opening * levels + closing * levels).encode()


@pytest.mark.parametrize("value", [{"a": [1, 2.5, None, True, "é \U0001f600"]}, [], {}, 7, "x"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-be"])
def test_what_is_json_is_read(value, encoding):
    assert read_json(json.dumps(value, ensure_ascii=False).encode(encoding)) == value


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not readable"),
        (b"{", "not readable"),
        (b"\xff\xff", "not readable"),
        (b'{"a":NaN}', "not readable"),
        (b'{"a":-Infinity}', "not readable"),
        (b'{"a":1e400}', "not readable"),
        (b'{"a":' + b"9" * 5000 + b"}", "not readable"),
        (b'"\\ud800"', "not readable"),
        (b'{"\\udc00":1}', "not readable"),
        (_nested(100_000), "not readable"),
        (_nested(DEEPEST + 1), "nested deeper"),
        (b'{"a":' * DEEPEST + b"{}" + b"}" * DEEPEST, "nested deeper"),
    ],
)
def test_what_cannot_be_kept_is_refused(body, words):
    with pytest.raises(NotThisFormatError, match=words) as refused:
        read_json(body)
    assert refused.value.path == ""


def test_the_deepest_allowed_is_allowed():
    assert read_json(_nested(DEEPEST))


def test_what_is_wide_is_not_deep():
    assert len(read_json(b"[" + b"{}," * DEEPEST + b"[]]")) == DEEPEST + 1


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"a":1,"b":{"c":1,"c":2}}', "b.c"),
        (b'[{"a":1},{"list":[0,{"code":"x","code":"x"}]}]', "[1].list[1].code"),
        (b'{"a":{"b":1,"b":2},"a":3}', "a"),
        (b'{"9990000077":1,"9990000077":2}', "(a field)"),
        (b'{"Edwin Marsh, 4 The Row, KT1":1,"Edwin Marsh, 4 The Row, KT1":2}', "(a field)"),
        (b'{"a":' * 400 + b'{"b":1,"b":2}' + b"}" * 400, ""),
    ],
)
def test_a_field_that_is_named_twice_is_refused_at_its_path(body, path):
    """Readers differ about which of the two counts."""
    with pytest.raises(NotThisFormatError, match="names this field twice") as refused:
        read_json(body)
    assert refused.value.path == (path or ".".join(["a"] * 400 + ["b"]))
