"""A provider that nobody here wrote signs staff and people in, and out again, over HTTP."""

import shutil
from collections.abc import Iterator

import httpx
import pytest

from tests.api.provider import GP_CODE
from tests.api.world import NORMA, PRACTICE
from tests.integration.served import Served
from tests.judges.openid import provider as judge
from tests.judges.openid.provider import Browser, OpenIdProvider

PROVIDER = """
[[provider]]
name = "{name}"
title = "One for tests"
kind = "{kind}"
issuer = "{issuer}"
authorization_endpoint = "{issuer}/auth"
token_endpoint = "{issuer}/token"
userinfo_endpoint = "{issuer}/me"
jwks_file = "{jwks}"
algorithms = ["{algorithm}"]
client_id = "care-gateway"
scope = "openid profile"
max_age_minutes = 5
sends_iss = true
"""
STAFF = f"""
least_id_assurance = 3

[[provider.role]]
code = "{GP_CODE}"
orgs = ["{PRACTICE}"]
role = "gp"
"""
DOCTORS = {
    f"{name}-{level}": {
        "nhsid_useruid": "555000111",
        "id_assurance_level": level,
        "selected_roleid": "role-1",
        "nhsid_nrbac_roles": [
            {"person_roleid": "role-1", "org_code": org, "role_code": GP_CODE},
            {"person_roleid": "role-2", "org_code": PRACTICE, "role_code": GP_CODE},
        ],
    }
    for name, org, level in (
        ("doctor", PRACTICE, "3"),
        ("doctor", PRACTICE, "1"),
        ("elsewhere", "H85999", "3"),
    )
}
PEOPLE = {
    f"norma-{level}": {
        "identity_proofing_level": level,
        "nhs_number": NORMA["nhs_number"],
        "birthdate": NORMA["born"],
    }
    for level in ("P5", "P9")
}


@pytest.fixture(scope="session")
def installed(tmp_path_factory, unavailable):
    folder = tmp_path_factory.mktemp("openid")
    try:
        judge.install(folder)
    except judge.JudgeUnavailableError as reason:
        unavailable("node", str(reason))
    return folder


class Borough:
    """The gateway, served by its command, with two providers."""

    def __init__(self, installed, folder, database, keys) -> None:
        self.staff = OpenIdProvider(installed, folder, "staff", "RS256")
        self.people = OpenIdProvider(installed, folder, "people", "RS512")
        text = [
            PROVIDER.format(
                name=one.name, kind=kind, issuer=one.issuer, jwks=one.jwks_file.name,
                algorithm=one.algorithm,
            ) + more
            for one, kind, more in (
                (self.staff, "staff", STAFF), (self.people, "person", ""),
            )
        ]  # fmt: skip
        (folder / "providers.toml").write_text("\n".join(text))
        (folder / ".env").write_text("GATEWAY_PROVIDERS_FILE=providers.toml\n")
        self.served = Served(f"sqlite:///{database}", keys, folder)
        self.url = self.served.base_url
        try:
            self.staff.start(self.url, DOCTORS)
            self.people.start(self.url, PEOPLE)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for one in (self.staff, self.people):
            one.stop()
        self.served.kill()

    def records(self, browser: Browser) -> httpx.Response:
        """What the session may see of Norma."""
        form = {"identifier": NORMA["nhs_number"]}
        headers = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        return browser.ask(
            "POST", f"{self.url}/fhir/R4/Patient/_search", data=form, headers=headers
        )


@pytest.fixture(scope="module")
def borough(installed, filled_sqlite, key_file, tmp_path_factory) -> Iterator[Borough]:
    """One for all these tests: each comes with a browser of its own."""
    folder = tmp_path_factory.mktemp("borough")
    shutil.copy(filled_sqlite, folder / "world.db")
    made = Borough(installed, folder, folder / "world.db", key_file)
    yield made
    made.stop()


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    made.close()


def test_an_outside_provider_signs_a_doctor_in_and_its_sign_out_ends_the_session(borough, browser):
    back = browser.sign_in(borough.url, "staff", "doctor-3", to="/fhir/R4/metadata")
    assert (back.status_code, back.headers.get("location")) == (303, "/fhir/R4/metadata")
    found = borough.records(browser)
    assert (found.status_code, found.json()["total"]) == (200, 1)
    token = borough.served.token("gp", user="555000111", org=PRACTICE)
    same = httpx.post(
        f"{borough.url}/fhir/R4/Patient/_search",
        data={"identifier": NORMA["nhs_number"]},
        headers=token,
    )
    assert found.json()["entry"] == same.json()["entry"]
    browser.sign_out_there(borough.staff.issuer)
    assert "backchannel.success" in borough.staff.log.read_text()
    assert borough.records(browser).status_code == 401


def test_an_outside_provider_signs_a_person_in_to_their_own_record(borough, browser):
    refused = browser.sign_in(borough.url, "people", "norma-P5")
    assert refused.status_code == 403
    assert borough.records(browser).status_code == 401
    browser.sign_out_there(borough.people.issuer)
    assert browser.sign_in(borough.url, "people", "norma-P9").status_code == 303
    found = borough.records(browser)
    assert (found.status_code, found.json()["total"]) == (200, 1)


@pytest.mark.parametrize(("account", "status"), [("doctor-1", 403), ("elsewhere-3", 401)])
def test_whom_an_outside_provider_proves_too_little_is_not_signed_in(
    borough, browser, account, status
):
    assert browser.sign_in(borough.url, "staff", account).status_code == status
    assert borough.records(browser).status_code == 401


def test_an_outside_provider_asks_again_where_it_must(borough, browser):
    assert browser.sign_in(borough.url, "staff", "doctor-3").status_code == 303
    assert browser.sign_in(borough.url, "staff", "doctor-3", again="1").status_code == 303
