"""Systems that export records, and what they are given."""

import json
from collections.abc import Iterable
from itertools import count
from typing import Any, Final

import httpx
from joserfc import jws
from joserfc.jwk import ECKey

from consent.terms import CallerKind
from gateway.api.signing.oauth import ASSERTION_TYPE
from tests.api.service import Headers, Service
from tests.api.world import COUNCIL, HOSPITAL, PRACTICE
from tests.unit.auth.minting import public

KEY: Final = ECKey.generate_key("P-384", {"kid": "exports"})
ASYNC: Final = {"Prefer": "respond-async", "Accept": "application/fhir+json"}
EVERYONE: Final = "Patient/$export"
_ROWS: Final = (
    ("mdt-system", COUNCIL, "social-worker", '["system/*.rs"]'),
    ("other-system", COUNCIL, "social-worker", '["system/*.rs"]'),
    ("practice-system", PRACTICE, "gp", '["system/*.rs"]'),
    ("narrow-system", HOSPITAL, "hospital-doctor", '["system/Patient.rs", "system/Goal.rs"]'),
    ("hospital-system", HOSPITAL, "hospital-doctor", '["system/*.rs"]'),
    ("carers-system", "XK2", "home-care", '["system/*.rs"]'),
    ("sending-system", COUNCIL, "", '["system/*.rs"]'),
)
_numbers = count()


def write_clients(folder) -> Any:
    """The reviewed file with its keys; its path."""
    (folder / "exports.json").write_text(json.dumps(public(KEY)))
    rows = [
        f'[[client]]\nid = "{name}"\nname = "{name}"\norg = "{org}"\nfeeds = ["social-care"]\n'
        f'exports_as = "{role}"\nscopes = {scopes}\njwks_file = "exports.json"\n'
        for name, org, role, scopes in _ROWS
    ]
    (folder / "clients.toml").write_text("\n".join(rows))
    return folder / "clients.toml"


def system(service: Service, name: str = "mdt-system", scope: str = "") -> Headers:
    """The header of a registered system, signed in by its own key."""
    now = int(service.at.timestamp())
    claims = {
        "iss": name, "sub": name, "aud": f"{service.settings.base_url}/oauth/token",
        "iat": now, "exp": now + 240, "jti": f"assertion-{next(_numbers)}",
    }  # fmt: skip
    header = {"alg": "ES384", "kid": KEY.kid, "typ": "JWT"}
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jws.serialize_compact(header, json.dumps(claims), KEY, ["ES384"]),
        "scope": scope,
    }
    answer = service.ask("POST", "/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def elsewhere(service: Service, role: str, org: str, user: str, **more: Any) -> Headers:
    """A system whose token another issuer gave it."""
    return service.token(role, user, org, kind=CallerKind.SYSTEM, **more)


def kick_off(
    service: Service, who: Headers, path: str = EVERYONE, **parameters: str
) -> httpx.Response:
    return service.get(path, who, params=parameters, headers=ASYNC)


def kick_off_for(
    service: Service, who: Headers, patients: Iterable[str], path: str = EVERYONE
) -> httpx.Response:
    """A kick-off by POST, of these people alone."""
    rows = [{"name": "patient", "valueReference": {"reference": f"Patient/{p}"}} for p in patients]
    body = json.dumps({"resourceType": "Parameters", "parameter": rows})
    headers = ASYNC | {"Content-Type": "application/fhir+json"}
    return service.ask("POST", path, who, content=body, headers=headers)


def begun(answer: httpx.Response) -> str:
    """Where to ask how far it is."""
    assert answer.status_code == 202, answer.text
    return str(answer.headers["content-location"])


def listed(service: Service, who: Headers, job: str) -> dict[str, Any]:
    """The list of files, however often it has to be asked for."""
    while (answer := service.get(job, who)).status_code == 202:
        assert answer.headers["x-progress"]
        assert int(answer.headers["retry-after"]) > 0
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    """The resources of a file."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/fhir+ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def fetched(service: Service, who: Headers, told: dict[str, Any]) -> dict[str, list[dict]]:
    """Type -> everything in the files of a list."""
    return {one["type"]: lines(service.get(one["url"], who)) for one in told["output"]}


def exported(
    service: Service, who: Headers, path: str = EVERYONE, **parameters: str
) -> dict[str, list[dict]]:
    """Everything a system is given, from kick-off to the last file."""
    told = listed(service, who, begun(kick_off(service, who, path, **parameters)))
    return fetched(service, who, told)


def named(files: dict[str, list[dict]]) -> set[str]:
    """`Type/id` of each resource."""
    return {f"{kind}/{one['id']}" for kind, several in files.items() for one in several}
