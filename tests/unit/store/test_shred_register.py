"""The register of shredded records: only added to, whole whenever it is read."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.errors import ConfigurationError
from gateway.store.sealed import shred_register


def test_a_line_that_was_cut_short_is_passed_over_and_written_over(tmp_path):
    path = tmp_path / "shredded"
    shred_register.add(path, {"a": 1})
    whole = path.read_bytes()
    for cut in range(1, len(whole)):
        path.write_bytes(whole + whole[:cut])
        assert shred_register.read(path) == {"a": 1}
    shred_register.add(path, {"b": 2, "a": 1})
    assert shred_register.read(path) == {"a": 1, "b": 2}
    assert path.read_bytes().count(b"\n") == 2


def test_what_many_add_at_once_is_all_there(tmp_path):
    path = tmp_path / "shredded"
    names = [f"{one}-{n}" for one in range(8) for n in range(12)]
    with ThreadPoolExecutor(8) as together:
        list(together.map(lambda name: shred_register.add(path, {name: 1}), names))
    assert shred_register.read(path) == dict.fromkeys(names, 1)


@pytest.mark.parametrize(
    "line",
    [
        b"x",
        b"[]",
        b'{"record": 5, "keys_until": 1}',
        b'{"record": "a", "keys_until": "b"}',
        b'{"keys_until": 1}',
    ],
)
def test_a_file_that_is_no_register_is_refused(tmp_path, line):
    path = tmp_path / "shredded"
    path.write_bytes(line + b"\n")
    with pytest.raises(ConfigurationError):
        shred_register.read(path)
