"""Write every page of docs/ that is generated from the project: `python -m tools.write_docs`.

Out     One file for each page of PAGES; tests/docs/test_generated_pages.py compares them.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from consent import label_page, policy_page
from consent.policy import AccessSettings
from gateway.main import shipped_policy
from gateway.store.labels.labelling import shipped_rules
from mappings.core.model import systems
from mappings.core.released.page import page
from mappings.plan_document.message.fields import Strict
from mappings.plan_document.message.shape import PlanDocument
from mappings.plan_document.message.template import PLAN_COLUMNS, VISIT_COLUMNS
from mappings.plan_document.message.visit import VisitDocument
from mappings.registry import FEEDS
from tools import cli_page, security_page, settings_page, site_page, workbook_template

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"


def mapping_page(feed: str) -> Callable[[], str]:
    """What writes the page of one feed."""
    return lambda: page(FEEDS[feed])


def schema(name: str, shape: type[Strict]) -> Callable[[], str]:
    """What writes the published JSON Schema of a document."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{systems.OWN}/schemas/{name}-1.json",
    }
    return lambda: json.dumps(head | shape.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def template(columns: Iterable[str]) -> Callable[[], str]:
    """What writes a CSV template: its headings, and no row."""
    return lambda: ",".join(columns) + "\n"


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    **{f"mappings/{name}.md": mapping_page(name) for name in FEEDS},
    "schemas/support-plan.schema.json": schema("support-plan", PlanDocument),
    "schemas/support-plan.template.csv": template(PLAN_COLUMNS),
    "schemas/visit.schema.json": schema("visit", VisitDocument),
    "schemas/visit.template.csv": template(VISIT_COLUMNS),
    "security-ids.md": security_page.page,
    "policy.md": lambda: policy_page.page(shipped_policy(AccessSettings())),
    "labels.md": lambda: label_page.page(shipped_rules()),
    "settings.md": settings_page.page,
    "site.md": site_page.page,
    "cli.md": cli_page.page,
}
"""Path below docs/ -> what writes it. A new generated page is added here."""

WORKBOOKS: Final[Mapping[str, Callable[[], bytes]]] = {
    "schemas/support-plan.template.xlsx": lambda: workbook_template.blank(PLAN_COLUMNS),
    "schemas/visit.template.xlsx": lambda: workbook_template.blank(VISIT_COLUMNS),
}
"""The same for Excel; the same headings make the same bytes."""


def main() -> int:
    """Write the pages that are not current, and name them."""
    for name, make in WORKBOOKS.items():
        path, content = DOCS / name, make()
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
            sys.stdout.write(f"written {path.relative_to(DOCS.parent)}\n")
    for name, write in PAGES.items():
        path = DOCS / name
        text = write()
        if path.is_file() and path.read_text("utf-8") == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        sys.stdout.write(f"written {path.relative_to(DOCS.parent)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
