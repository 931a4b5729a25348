"""Settings and policy as rows."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from consent.policy import Policy
from consent.sign_offs import SignOffs
from gateway.settings import Settings, is_secret, origin_of

HIDDEN = "****"


def setting_rows() -> list[dict[str, Any]]:
    """Each setting with its value, `****` for a secret, and where it comes from."""
    settings = Settings()
    values = settings.model_dump(mode="json")
    return [
        {"name": row, "value": value, "from": origin_of(name)}
        for name in Settings.model_fields
        for row, value in _values(name, values[name])
    ]


def _values(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if is_secret(name):
        yield name, HIDDEN
    elif name == "trusted_issuers":
        yield name, [issuer["issuer"] for issuer in value]
    elif isinstance(value, dict):
        yield from ((f"{name}.{inner}", content) for inner, content in value.items())
    else:
        yield name, value


def checked_policy() -> dict[str, Any]:
    """What the policy in use is. Errors: PolicyError, ConfigurationError."""
    from gateway.clock import now
    from gateway.denial import check_denials
    from gateway.main import policy_of

    policy = policy_of(Settings())
    check_denials(policy, now())
    return {"version": policy.version, "hash": policy.hash, "roles": len(policy.roles)}


def policy_rows(policy: Policy, signed: SignOffs | None) -> dict[str, Any]:
    """The policy with who signed it, and what each role may see and write."""
    return {
        "version": policy.version,
        "hash": policy.hash,
        "signed": [asdict(one) | {"on": one.on.isoformat()} for one in signed.of(policy)]
        if signed
        else [],
        "not_signed": list(signed.missing(policy)) if signed else [],
        "permission_to_view": str(policy.settings.permission),
        "consent_default": str(policy.settings.default),
        "roles": [
            {
                "id": role.id,
                "title": role.title,
                "kind": str(role.kind),
                "purposes": sorted(role.purposes),
                "clearance": role.clearance,
                "sees": sorted(role.view.everywhere),
                "sees_of_own_organisation": sorted(role.view.own),
                "writes": sorted(role.write.everywhere),
                "writes_of_own_organisation": sorted(role.write.own),
                "never_sees": list(role.never_sees),
                "break_glass": role.break_glass,
            }
            for role in policy.roles.values()
        ],
    }
