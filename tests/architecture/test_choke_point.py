"""One choke point: who opens sealed rows, and what the edge may reach, is a short closed list."""

import ast
import re
from typing import Final

import pytest

from tests.architecture.repository import ROOT, modules, nodes, relative, tree

READERS: Final = {
    "gateway/store/record/reads.py": "every row that is shown, under its Filter",
    "gateway/store/identity/births.py": "birth dates, which an authority to act may rest on",
    "gateway/store/access/consent_rules.py": "Consents, which decide and are not shown by it",
    "gateway/store/identity/patients.py": "Patients compared, or asked for by number; never shown",
    "gateway/store/audit/audit_opening.py": "words of operators, for governance; never a record",
    "gateway/store/leaving/subscriptions.py": "what an owner wrote; never a record",
    "gateway/store/leaving/exports.py": "what a system asked an export for; never a record",
    "gateway/store/audit/saved_searches.py": "what somebody asks the log; never a record",
    "gateway/store/access/sessions.py": "who signed in, and in which attempt; never a record",
}
WRITERS: Final = {
    "gateway/store/intake/folding.py": "the state a newer item is folded onto",
    "gateway/store/sealed/lineage_seal.py": "a tag that holds nothing",
    "gateway/store/upkeep/label_check.py": "whether a row opens under its labels",
    "gateway/store/sealed/label_decisions.py": "what somebody decided of labels",
    "gateway/store/upkeep/relabelling.py": "what a feed said of labels, which are made anew",
    "gateway/store/writing/team_beside.py": "the source's words, under edits",
    "gateway/store/intake/told.py": "the items a fold reads again",
    "gateway/store/upkeep/refolding.py": "the items that are mapped again",
    "gateway/store/record/versions.py": "the last version of what is withdrawn",
    "gateway/flows/intake/batches.py": "a delivery that is taken up again",
}
CRYPTOGRAPHY: Final = {
    "gateway/store/sealed/vault.py": "opens under a data key",
    "gateway/store/sealed/sealing.py": "is what opens",
}
EDGE_MAY_REACH: Final = {
    "gateway.store.audit.audit_reads",
    "gateway.store.record.conditions",
    "gateway.store.intake.deliveries",
    "gateway.store.database.engine",
    "gateway.store.keyring.keys",
    "gateway.store.database.outage",
    "gateway.store.record.provenance_sql",
    "gateway.store.record.reads",
    "gateway.store.clear.search_index",
    "gateway.store.clear.search_table",
    "gateway.store.record.spans",
}
"""Of these the edge uses sizes, tokens and conditions; none gives it a record past a flow."""


def _openings(path) -> list[int]:
    found = []
    for node in nodes(path):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id == "open_sealed":
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
    for node in nodes(path):
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
            for node in nodes(path)
            if isinstance(node, ast.ImportFrom) and node.module == "gateway.store.record.reads"
            for alias in node.names
        }
        assert names <= {"Criterion", "is_id"}, relative(path)
        whole = "gateway.store.record.reads" in {
            f"{node.module}.{alias.name}"
            for node in nodes(path)
            if isinstance(node, ast.ImportFrom) and node.module == "gateway.store.record"
            for alias in node.names
        }
        assert not whole, relative(path)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("record/reads.py", 3),
        ("record/finding.py", 1),
        ("record/provenance.py", 1),
        ("writing/made.py", 1),
    ],
)
def test_every_query_that_opens_rows_carries_a_filter(name, least):
    """Each function that opens rows takes a Filter, or groups that hold one; no other module
    has rows opened."""
    seen = 0
    for node in tree(ROOT / "gateway" / "store" / name).body:
        if not isinstance(node, ast.AsyncFunctionDef) or node.name == "open_rows":
            continue
        opens = any(
            isinstance(call, ast.Call) and ast.unparse(call.func) == "open_rows"
            for call in ast.walk(node)
        )
        annotated = {ast.unparse(arg.annotation) for arg in node.args.args if arg.annotation}
        if opens:
            seen += 1
            assert annotated & {"Filter", "Group", "Sequence[Group]"}, node.name
    assert seen >= least
    named = {
        relative(path).rpartition("/")[2]
        for path in modules("gateway")
        if "open_rows" in path.read_text(encoding="utf-8")
    }
    assert named == {"reads.py", "finding.py", "provenance.py", "made.py"}


def test_every_statement_of_a_search_is_over_what_passes():
    """Each row of `resource` that the search joins, by whatever alias, is asked to pass."""
    for name in ("conditions.py", "finding.py", "provenance.py", "statement.py"):
        for node in ast.walk(tree(ROOT / "gateway" / "store" / "record" / name)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.unparse(node)
                if re.search(r"(?:FROM|JOIN) resource(?:_version)? ", text):
                    assert re.search(r"visible\(|allowed\(|_condition\(", text), node.name
