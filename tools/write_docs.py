"""Write every page of docs/ that is generated from the project: `python -m tools.write_docs`.

Out     One file for each page of PAGES; tests/docs/test_generated_pages.py compares them.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from mappings.core import systems
from mappings.core.page import page
from mappings.registry import FEEDS
from mappings.social_care.message.support_plan import SupportPlan
from tools import cli_page, settings_page

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"


def mapping_page(feed: str) -> Callable[[], str]:
    """What writes the page of one feed."""
    return lambda: page(FEEDS[feed])


def support_plan_schema() -> str:
    """The published JSON Schema of the support plan document."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{systems.OWN}/schemas/support-plan-1.json",
    }
    schema = head | SupportPlan.model_json_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    **{f"mappings/{name}.md": mapping_page(name) for name in FEEDS},
    "schemas/support-plan.schema.json": support_plan_schema,
    "settings.md": settings_page.page,
    "cli.md": cli_page.page,
}
"""Path below docs/ -> what writes it. A new generated page is added here."""


def main() -> int:
    """Write the pages that are not current, and name them."""
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
