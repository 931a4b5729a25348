"""Who signed the policy: each controller, by the hash of what they signed.

In      the parsed file of a deployment: its controllers, and each sign-off ever given.
Out     SignOffs: who signed a policy, and which controllers have not.
Errors  PolicyError(path, text), for an entry that is missing, unknown or wrong.
Rule    The hash covers the policy and what the deployment chose of it: after a change of either
        every controller signs again. Earlier sign-offs stay in the file, and count for nothing.
Pure    No file is opened here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from consent.policy import Policy
from consent.policy_reading import PolicyError, Table


@dataclass(frozen=True, slots=True)
class SignOff:
    """That somebody signed a policy for a controller."""

    controller: str
    by: str
    on: date
    policy: str
    """The hash of the whole of it."""


@dataclass(frozen=True, slots=True)
class SignOffs:
    """The controllers of a deployment, and what was signed."""

    controllers: tuple[str, ...]
    given: tuple[SignOff, ...]

    @classmethod
    def parse(cls, document: Mapping[str, object]) -> "SignOffs":
        """Those of a parsed file. Errors: PolicyError."""
        top = Table(document, "")
        top.only({"controllers", "signed"})
        controllers = top.words("controllers")
        if not controllers:
            raise PolicyError("controllers", "one controller at least is needed")
        signed = document.get("signed", [])
        if not isinstance(signed, list):
            raise PolicyError("signed", "a list of tables is needed")
        entries = (Table(one, f"signed[{number}]") for number, one in enumerate(signed))
        return cls(controllers, tuple(_sign_off(entry, controllers) for entry in entries))

    def of(self, policy: Policy) -> tuple[SignOff, ...]:
        """The sign-offs of this very policy."""
        return tuple(one for one in self.given if one.policy == policy.hash)

    def missing(self, policy: Policy) -> tuple[str, ...]:
        """The controllers who have not signed this very policy."""
        signed = {one.controller for one in self.of(policy)}
        return tuple(one for one in self.controllers if one not in signed)


def _sign_off(entry: Table, controllers: tuple[str, ...]) -> SignOff:
    entry.only({"controller", "by", "on", "policy"})
    return SignOff(
        controller=entry.choice("controller", controllers),
        by=entry.text("by"),
        on=entry.day("on"),
        policy=entry.text("policy"),
    )
