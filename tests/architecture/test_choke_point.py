"""One choke point: who opens sealed rows, and what the edge may reach, is a short closed list."""

import ast
from typing import Final

from tests.architecture.repository import ROOT, modules, relative, tree

READERS: Final = {
    "gateway/store/reads.py": "every row that is shown, under its Filter",
    "gateway/store/facts.py": "Consents, which decide and are not shown by it",
    "gateway/store/triage_facts.py": "names and homes, compared for misuse triage, never shown",
    "gateway/store/sources.py": "the NHS number that a person's own practice is asked by",
    "gateway/store/audit_opening.py": "words of operators, for governance; never a record",
    "gateway/store/sessions.py": "who signed in, and in which attempt; never a record",
    "gateway/store/review.py": "Patients, which are compared with each other and not shown by it",
}
WRITERS: Final = {
    "gateway/store/folding.py": "the state a newer item is folded onto",
    "gateway/store/label_decisions.py": "what somebody decided of labels",
    "gateway/store/relabelling.py": "what a feed said of labels, which are made anew",
    "gateway/store/told.py": "the items a fold reads again",
    "gateway/store/refolding.py": "the items that are mapped again",
    "gateway/store/versions.py": "the last version of what is withdrawn",
    "gateway/flows/batches.py": "a delivery that is taken up again",
}
CRYPTOGRAPHY: Final = {
    "gateway/store/vault.py": "opens under a data key",
    "gateway/store/sealing.py": "is what opens",
}
EDGE_MAY_REACH: Final = {
    "gateway.store.audit_reads",
    "gateway.store.columns",
    "gateway.store.deliveries",
    "gateway.store.engine",
    "gateway.store.keys",
    "gateway.store.reads",
}
"""Of these the edge uses sizes, tokens and criteria; none gives it a record past a flow."""


def _openings(path) -> list[int]:
    found = []
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in ("open_sealed", "open_labelled"):
            found.append(node.lineno)
        if isinstance(called, ast.Attribute) and called.attr in ("open", "open_sealed"):
            owner = ast.unparse(called.value).rpartition(".")[2]
            found += [node.lineno] if owner in ("keys", "held") else []
    return found


def test_sealed_rows_are_opened_in_these_modules_alone():
    opening = {relative(path) for path in modules("gateway") if _openings(path)}
    assert opening <= {*READERS, *WRITERS, *CRYPTOGRAPHY}
    assert set(READERS) <= opening


def _imported(path) -> set[str]:
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def _store_modules(path) -> set[str]:
    known = {
        relative(one).removesuffix(".py").replace("/", ".") for one in modules("gateway/store")
    }
    return _imported(path) & known


def test_the_edge_reaches_no_module_that_opens_or_writes_records():
    for path in modules("gateway/api", "gateway/mllp"):
        assert _store_modules(path) <= EDGE_MAY_REACH, relative(path)


def test_the_edge_calls_no_function_that_gives_rows():
    """`reads` gives the edge its Criterion and the form of an id, and nothing that queries."""
    for path in modules("gateway/api", "gateway/mllp"):
        names = {
            alias.name
            for node in ast.walk(tree(path))
            if isinstance(node, ast.ImportFrom) and node.module == "gateway.store.reads"
            for alias in node.names
        }
        assert names <= {"Criterion", "is_id"}, relative(path)
        whole = "gateway.store.reads" in {
            f"{node.module}.{alias.name}"
            for node in ast.walk(tree(path))
            if isinstance(node, ast.ImportFrom) and node.module == "gateway.store"
            for alias in node.names
        }
        assert not whole, relative(path)


def test_every_query_that_opens_rows_carries_a_filter():
    """Each function of `reads` that opens rows takes a Filter, or groups that hold one."""
    for node in tree(ROOT / "gateway" / "store" / "reads.py").body:
        if not isinstance(node, ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        opens = any(
            isinstance(call, ast.Call) and ast.unparse(call.func) == "_open"
            for call in ast.walk(node)
        )
        annotated = {ast.unparse(arg.annotation) for arg in node.args.args if arg.annotation}
        if opens:
            assert annotated & {"Filter", "Sequence[Group]"}, node.name
