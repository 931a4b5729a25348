"""The files of the demo's site say what its people are drawn from."""

import json
import tomllib
from typing import Any

from gateway.cli.demo import places
from gateway.cli.demo.running import site_files
from gateway.flows.site.site_files import read_site
from mappings.registry import FEEDS


def test_the_files_state_the_borough_that_people_are_drawn_from():
    site = read_site(site_files(), FEEDS)
    named: dict[str, Any] = {name: entry for (_, name), entry in site.entries.items()}
    localities = {one.name for (kind, _), one in site.entries.items() if kind == "locality"}
    assert localities == {one.name for one in places.LOCALITIES}
    for practice in places.PRACTICES:
        stated = named[practice.code]
        assert stated.name == practice.name
        assert named[stated.locality].name == practice.locality.name
        assert named[f"mdt-{practice.code.lower()}"].practice == practice.code
    for provider in places.PROVIDERS:
        assert named[provider.code].name == provider.name


def test_the_files_switch_nothing_off_and_name_no_person():
    (borough,) = [body for name, body in site_files() if name.endswith(".toml")]
    assert "_off" not in json.dumps(tomllib.loads(borough.decode()))
    families = {one.gp for one in places.PRACTICES} | {*places.FAMILIES}
    text = b" ".join(body for _, body in site_files()).decode()
    assert not {word for word in families if word in text.split()}
