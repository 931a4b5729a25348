"""A small OpenID provider for these tests: it signs what a test tells it to say.

It checks what a real one would: the client's proof, the code, PKCE, the address of the way back.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

STAFF_KEY: Final = RSAKey.generate_key(2048, {"kid": "staff-1"})
PERSON_KEY: Final = RSAKey.generate_key(2048, {"kid": "person-1"})
CLIENT_KEY: Final = RSAKey.generate_key(2048)
"""What the gateway proves itself with to the person's provider, which takes no other kind."""
GP_CODE: Final = "S8000:G8000:R8000"
NURSE_CODE: Final = "S8000:G8001:R8001"
CLIENT: Final = "care-gateway"

PROVIDERS: Final = f"""
[[provider]]
name = "staff-sign-in"
title = "Smartcard or passkey"
kind = "staff"
issuer = "https://staff.example"
authorization_endpoint = "https://staff.example/authorize"
token_endpoint = "https://staff.example/token"
userinfo_endpoint = "https://staff.example/userinfo"
jwks_file = "staff.json"
algorithms = ["RS256"]
client_id = "{CLIENT}"
scope = "openid profile nationalrbacaccess selectedrole"
acr_values = "AAL2_OR_AAL3_ANY"
acr = ["AAL2", "AAL3"]
least_id_assurance = 3
max_age_minutes = 60

[[provider.role]]
code = "{GP_CODE}"
orgs = ["H85001"]
role = "gp"

[[provider.role]]
code = "{GP_CODE}"
orgs = ["RAX"]
role = "hospital-doctor"

[[provider.role]]
code = "{NURSE_CODE}"
orgs = ["H85001"]
role = "receptionist"

[[provider]]
name = "person-sign-in"
title = "The NHS's own"
kind = "person"
issuer = "https://person.example"
authorization_endpoint = "https://person.example/authorize"
token_endpoint = "https://person.example/token"
userinfo_endpoint = "https://person.example/userinfo"
jwks_file = "person.json"
client_key_file = "client.pem"
algorithms = ["RS512"]
client_id = "{CLIENT}"
scope = "openid profile"
sends_iss = true
parameters = {{ vtr = '["P9.Cp.Cd"]' }}
"""


def write_providers(folder) -> Any:
    """The reviewed file with its keys; its path."""
    for name, key in (("staff", STAFF_KEY), ("person", PERSON_KEY)):
        jwks = {"keys": [key.as_dict(private=False)]}
        (folder / f"{name}.json").write_text(json.dumps(jwks))
    (folder / "client.pem").write_bytes(CLIENT_KEY.as_pem(private=True))
    (folder / "client.pem").chmod(0o600)
    (folder / "providers.toml").write_text(PROVIDERS)
    return folder / "providers.toml"


@dataclass
class FakeProvider:
    """Both providers, by the host that is asked."""

    gateway: Any
    client_keys: list[dict[str, Any]]
    issued: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    numbered: int = 0
    down: bool = False

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    def authorise(
        self, address: str, claims: dict[str, Any], userinfo: dict[str, Any] | None = None
    ) -> dict[str, str]:
        """What the browser is sent back with, once the user has signed in."""
        parts = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        self.numbered += 1
        code = f"code-{self.numbered}"
        self.issued[code] = {
            "host": parts.netloc, "asked": asked, "claims": claims, "userinfo": userinfo or {},
        }  # fmt: skip
        return {"code": code, "state": asked["state"], "iss": f"https://{parts.netloc}"}

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.down:
            raise httpx.ConnectError("down", request=request)
        if request.url.path == "/token":
            return self._token(request)
        code = request.headers["authorization"].removeprefix("Bearer access-")
        grant = self.issued[code]
        assert request.url.host == grant["host"]
        return httpx.Response(200, json={"sub": grant["claims"].get("sub")} | grant["userinfo"])

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode()))
        grant = self.issued.get(form["code"])
        if grant is None or grant.pop("taken", False) or grant["host"] != request.url.host:
            return httpx.Response(400, json={"error": "invalid_grant"})
        grant["taken"] = True
        asked = grant["asked"]
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
        assert form["redirect_uri"] == asked["redirect_uri"]
        self._check_proof(form["client_assertion"], str(request.url))
        access = f"access-{form['code']}"
        claims = self.base(asked) | grant["claims"]
        token = grant["claims"].pop("token", None) or self.sign(request.url.host, claims)
        return httpx.Response(
            200, json={"access_token": access, "token_type": "Bearer", "id_token": token}
        )

    def _check_proof(self, proof: str, address: str) -> None:
        kid = jws.extract_compact(proof.encode()).headers()["kid"]
        told = next(one for one in self.client_keys if one["kid"] == kid)
        kind, algorithm = (ECKey, "ES256") if "staff" in address else (RSAKey, "RS512")
        found = jws.deserialize_compact(proof, kind.import_key(told), algorithms=[algorithm])
        claims = json.loads(found.payload)
        assert claims["iss"] == claims["sub"] == CLIENT
        assert claims["aud"] == address
        assert claims["exp"] - claims["iat"] <= 300
        assert claims["jti"]

    def base(self, asked: dict[str, str]) -> dict[str, Any]:
        """What every ID token says."""
        now = int(self.gateway.at.timestamp())
        return {"aud": CLIENT, "iat": now, "exp": now + 600, "nonce": asked["nonce"]}

    def sign(self, host: str, claims: dict[str, Any], **header: Any) -> str:
        """A token of the provider at that host."""
        staff = host == "staff.example"
        key, alg = (STAFF_KEY, "RS256") if staff else (PERSON_KEY, "RS512")
        whole = {"iss": f"https://{host}"} | claims
        head = {"alg": alg, "kid": key.kid, "typ": "JWT"} | header
        return jws.serialize_compact(head, json.dumps(whole), key, [alg])

    def logout_token(self, host: str = "staff.example", **claims: Any) -> str:
        """A logout token of that provider."""
        now = int(self.gateway.at.timestamp())
        event: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}
        base = {"aud": CLIENT, "iat": now, "exp": now + 120, "jti": "logout-1", "events": event}
        whole = {name: value for name, value in (base | claims).items() if value is not None}
        return self.sign(host, whole, typ="logout+jwt")


def doctor(gateway, selected="role-gp", **changes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Claims of somebody with three roles, of whom one is selected; and the userinfo with them."""
    claims = {
        "sub": "555000111",
        "sid": "provider-session-1",
        "acr": "AAL3",
        "id_assurance_level": "3",
        "auth_time": int(gateway.at.timestamp()) - 5,
        "selected_roleid": selected,
    } | changes
    rows = [
        ("role-gp", "H85001", GP_CODE),
        ("role-desk", "H85001", NURSE_CODE),
        ("role-hospital", "RAX", GP_CODE),
        ("role-elsewhere", "H85002", GP_CODE),
    ]
    userinfo = {
        "nhsid_useruid": "555000111",
        "nhsid_nrbac_roles": [
            {"person_roleid": role, "org_code": org, "role_code": code} for role, org, code in rows
        ],
    }
    return claims, userinfo


def patient(who: dict[str, str], level="P9", **changes) -> dict[str, Any]:
    """Claims of a person."""
    return {
        "sub": f"person-{who['family']}",
        "identity_proofing_level": level,
        "nhs_number": who["nhs_number"],
        "birthdate": who["born"],
    } | changes
