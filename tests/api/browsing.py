"""A browser as these tests need one: it keeps cookies, and goes to the provider and back."""

from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.api.provider import FakeProvider, doctor, patient

BASE: Final = "https://care-gateway.example"
OURS: Final = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}


class Browser:
    """Keeps cookies for one user."""

    def __init__(self, gateway: Any, provider: FakeProvider) -> None:
        self.gateway, self.provider = gateway, provider
        self.cookies: dict[str, str] = {}

    @property
    def session(self) -> str:
        return self.cookies.get("__Host-care-session", "")

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = ({"Cookie": sent} if sent else {}) | more.pop("headers", {})
        answer = self.gateway.ask(method, path, headers=headers, **more)
        self.gateway.forget_cookies()
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        return answer

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def begin(self, name: str, **query: str) -> str:
        """The address of the provider that this browser is sent to."""
        answer = self.get("/sign-in", params={"provider": name, **query})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def come_back(self, returned: dict[str, str]) -> httpx.Response:
        return self.get("/sign-in/callback", params=returned)

    def sign_in(self, selected: str = "role-gp", query=None, **changes: Any) -> httpx.Response:
        """As staff, in the selected role."""
        address = self.begin("staff-sign-in", **(query or {}))
        return self.come_back(
            self.provider.authorise(address, *doctor(self.gateway, selected, **changes))
        )

    def sign_in_as(self, who: dict[str, str], **changes: Any) -> httpx.Response:
        """As a person."""
        address = self.begin("person-sign-in")
        return self.come_back(self.provider.authorise(address, patient(who, **changes)))


def with_provider(gateway: Any) -> FakeProvider:
    """The gateway's desk reaches this provider and nothing else."""
    provider = FakeProvider(gateway, gateway.get("/oauth/jwks").json()["keys"])
    state = gateway.app.state
    state.people_desk = replace(state.people_desk, transport=provider.transport())
    return provider


def asked_of(address: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
