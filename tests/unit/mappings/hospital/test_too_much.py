"""A small message that would be a great deal of work is refused before it is any."""

import pytest

from mappings.core.model.outcome import has_errors
from mappings.hospital.message import reader

HEAD = "MSH|^~\\&|PAS|RAX|GW|GW|20261101101500||PGL^PC6|M1|P|2.4\rPID|||H1^^^RAX^MR||MARSH^MAY\r"


def _item(pathways: int, goals: int):
    lines = [f"PTH|AD|walk^Walk|p{n}|20261101|A^Active|20261101\r" for n in range(pathways)]
    lines += [f"GOL|AD|20261101|g^Goal|g{n}\r" for n in range(goals)]
    (item,) = reader.read({"": (HEAD + "".join(lines)).encode()})
    return item


@pytest.mark.parametrize(("pathways", "goals", "refused"), [(70, 70, False), (80, 80, True)])
def test_pathways_with_goals_are_limited_by_their_product(pathways, goals, refused):
    item = _item(pathways, goals)
    assert has_errors(item.issues) is refused
    assert (item.kind == reader.OUTSIDE) is refused
    codes = {issue.code for issue in item.issues}
    assert ("too-large" in codes) is refused
