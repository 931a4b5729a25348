"""A browser as these tests need one: it keeps cookies, and goes to the provider and back."""

from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.api.provider import FakeProvider, doctor, patient, write_providers

BASE: Final = "https://care-gateway.example"
OURS: Final = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}


class Browser:
    """Keeps cookies for one user."""

    def __init__(self, gateway: Any, provider: FakeProvider) -> None:
        self.gateway, self.provider = gateway, provider
        self.cookies: dict[str, str] = {}
        self.way_back = "/sign-in/callback/staff-sign-in"

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
        address: str = answer.headers["location"]
        self.way_back = urlsplit(asked_of(address)["redirect_uri"]).path
        return address

    def come_back(self, returned: dict[str, str]) -> httpx.Response:
        return self.get(self.way_back, params=returned)

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


@pytest.fixture
def provider(gateway: Any) -> FakeProvider:
    """The one provider of a service that somebody can sign in to."""
    return with_provider(gateway)


@pytest.fixture
def browser(gateway: Any, provider: FakeProvider) -> Browser:
    """Of somebody who has not signed in yet."""
    return Browser(gateway, provider)


@pytest.fixture(scope="module")
def standing_sign_in(start_once: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A service to sign in to, for tests that end no session and leave nothing but entries."""
    folder = tmp_path_factory.mktemp("providers")
    return start_once(providers_file=write_providers(folder), base_url=BASE)


def asked_of(address: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
