"""docs/site.md: the files that a site is loaded from, from the classes that read them.

Out     Markdown; a field that is added there is on the page, with what it must be.
"""

from typing import Final

from consent.feeds import Feature
from gateway.flows.site.site_entries import KINDS
from mappings.terms.support import ORGANISATION_KINDS, SITE_SERVICE_KINDS

_HEAD: Final = """\
# Site data

Generated from `gateway/flows/site/site_entries.py`; change it there, then run
`python -m tools.write_docs`.

`care-gateway site load FOLDER` makes the site what its files say, whole, or refuses them with
every fault by file and key; `--dry-run` tells what would differ. `care-gateway site show` tells
what is loaded, and which services are open now. [The demo's
borough](../gateway/cli/demo/site/borough.toml) is an example, with [its
services](../gateway/cli/demo/site/services.csv) and [staff](../gateway/cli/demo/site/posts.csv).
[Why it is so](adr/0039-site-data-and-switches.md), [and why staff
are](adr/0065-the-site-knows-its-staff.md).

All `*.toml` and `*.csv` files of a folder are one site. A TOML file begins with `reviewed`, who
looked at it and when; then come `[borough]`, once, and a `[[table]]` for each entry. A CSV file
holds services, or what its name begins with, `practitioners` or `posts`: the same fields as columns
and `reviewed`, with semicolons between the items of a list.

```toml
reviewed = "A. Lead, 2026-11-20"

[[locality]]
id = "chessington"
name = "Chessington"
feeds_off = ["mental-health"]
features_off = ["own-record"]

[[service]]
id = "night-owls"
name = "Night Owls"
kind = "night"
organisation = "XK1"
localities = ["chessington"]
hours = ["mon-fri 22:00-07:00", "sat,sun 21:00-08:00"]
closed = ["2026-12-25", "2026-12-31 to 2027-01-01"]
methods = ["phone"]
way_in = "Ring at night"
```

Hours are those of the clock in London, summer time and all; a night belongs to the day it begins
on, and none begins on a closed day.

## Switches

What a locality has switched off is shown to nobody of the people registered with its practices,
from the next request, in an emergency too. What is sent is taken, and shown once it is on.
"""
_FEATURES: Final = {
    Feature.SHARED_RECORD: "off: each organisation is shown its own alone, the person all",
    Feature.OWN_RECORD: "off: the person and whoever acts for them are shown nothing",
}


def page() -> str:
    """The whole page."""
    parts = [
        _HEAD,
        "- `feeds_off`: feeds, as `care-gateway feed list` names them",
        *(f"- `features_off`: `{feature}`, {_FEATURES[feature]}" for feature in Feature),
    ]
    for kind, entry in KINDS.items():
        mark = f"[{kind}]" if kind == "borough" else f"[[{kind}]]"
        parts += ["", f"## `{mark}`", "", "| key | needed | must be |", "| --- | --- | --- |"]
        parts += [
            f"| `{name}` | {'yes' if field.is_required() else ''} | {field.description} |"
            for name, field in entry.model_fields.items()
        ]
    parts += ["", "## Kinds", "", f"Of organisations: {_listed(ORGANISATION_KINDS)}.", ""]
    parts += [f"Of services: {_listed(SITE_SERVICE_KINDS)}."]
    return "\n".join(parts) + "\n"


def _listed(kinds: dict[str, str]) -> str:
    return ", ".join(f"`{code}`" for code in kinds)
