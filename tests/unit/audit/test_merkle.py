import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    consistency_ranges,
    inclusion_proof,
    inclusion_ranges,
    is_consistent,
    is_included,
    leaf_hash,
    tree_root,
)

# The Certificate Transparency reference tree: leaves, and the root of each of its sizes.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
LEAVES += ["606162636465666768696a6b6c6d6e6f"]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}

leaf_lists = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40, unique=True)


def rfc_root(leaves):
    """RFC 6962 section 2.1, word for word: a second way to the same root."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + rfc_root(leaves[:k]) + rfc_root(leaves[k:])).digest()


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_roots_are_those_of_the_reference_tree(size, root):
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]]
    assert tree_root(leaves).hex() == root


def test_the_empty_tree_has_the_hash_of_nothing():
    assert Frontier().root() == EMPTY_ROOT == rfc_root([])


def test_published_proofs_are_ours(shared_folder):
    path = shared_folder / "consent-cases" / "rfc6962" / "vectors.json"
    if not path.is_file():
        pytest.skip("the RFC 6962 vectors are not in the shared folder")
    vectors = json.loads(path.read_text())
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in vectors["leaves_hex"]]
    for case in vectors["inclusion"]:
        proof = inclusion_proof(leaves[: case["size"]], case["index"])
        assert [step.hex() for step in proof] == case["path"]
    for case in vectors["consistency"]:
        proof = consistency_proof(leaves[: case["second"]], case["first"])
        assert [step.hex() for step in proof] == case["proof"]


@given(leaf_lists)
def test_a_frontier_grows_to_the_root_of_the_definition(leaves):
    frontier = Frontier()
    for size, leaf in enumerate(leaves, start=1):
        frontier, root = frontier.append(leaf)
        assert root == frontier.root() == rfc_root(leaves[:size]) == tree_root(leaves[:size])
        assert Frontier.from_bytes(frontier.to_bytes()) == frontier


@given(leaf_lists, leaf_lists)
def test_many_leaves_at_once_are_the_same_as_one_by_one(before, leaves):
    frontier, _ = Frontier().extend(before)
    grown, roots = frontier.extend(leaves)
    assert roots == tuple(rfc_root([*before, *leaves[:n]]) for n in range(1, len(leaves) + 1))
    assert grown.root() == roots[-1]
    assert grown.size == len(before) + len(leaves)


@given(st.integers(1, 10**9), st.data())
def test_proofs_of_a_great_tree_name_few_subtrees(size, data):
    index = data.draw(st.integers(0, size - 1))
    for ranges in (inclusion_ranges(index, size), consistency_ranges(index + 1, size)):
        assert len(ranges) <= 31
        assert all(start % _power_not_below(end - start) == 0 for start, end in ranges)


def _power_not_below(width):
    return 1 << (width - 1).bit_length()


@pytest.mark.parametrize("stored", [b"", b"\0" * 7, b"\0" * 7 + b"\1", b"\0" * 8 + b"x" * 32])
def test_a_frontier_of_the_wrong_length_is_refused(stored):
    with pytest.raises(ValueError, match="frontier"):
        Frontier.from_bytes(stored)


@given(leaf_lists, st.data())
def test_an_inclusion_proof_holds_for_its_leaf_and_place_only(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, root = inclusion_proof(leaves, index), tree_root(leaves)
    size = len(leaves)
    assert is_included(leaves[index], index, size, proof, root)
    assert not is_included(leaf_hash(b"another"), index, size, proof, root)
    assert not is_included(leaves[index], index, size, (*proof, root), root)
    assert not is_included(leaves[index], size, size, proof, root)
    assert not is_included(leaves[index], -1, size, proof, root)
    if proof:
        assert not is_included(leaves[index], index, size, proof[:-1], root)
        assert not is_included(leaves[index], index ^ 1, size, proof, root)


@given(leaf_lists, st.data())
def test_a_consistency_proof_holds_for_its_two_trees_only(leaves, data):
    first = data.draw(st.integers(1, len(leaves)))
    size, proof = len(leaves), consistency_proof(leaves, first)
    old, new, other = tree_root(leaves[:first]), tree_root(leaves), leaf_hash(b"another")
    assert is_consistent(first, old, size, new, proof)
    assert not is_consistent(first, other, size, new, proof)
    assert not is_consistent(first, old, size, other, proof)
    assert not is_consistent(first, old, size, new, (*proof, other))
    if proof:
        assert not is_consistent(first, old, size, new, proof[:-1])
        assert not is_consistent(size, new, first, old, proof)


def test_anything_is_consistent_with_the_empty_log_and_nothing_with_a_longer_past():
    root = leaf_hash(b"one")
    assert is_consistent(0, EMPTY_ROOT, 1, root, ())
    assert not is_consistent(0, root, 1, root, ())
    assert not is_consistent(2, root, 1, root, ())


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_is_not_there_has_no_proof(index):
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion_proof([leaf_hash(b"")] * 3, index)


@pytest.mark.parametrize("first", [0, 4])
def test_a_size_that_never_was_has_no_proof(first):
    with pytest.raises(ValueError, match="never had"):
        consistency_proof([leaf_hash(b"")] * 3, first)
