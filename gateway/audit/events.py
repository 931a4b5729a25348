"""The closed sets of the audit log: what happened, and how it ended.

Source  IHE Basic Audit Log Patterns; DICOM PS3.15 for the kinds of event.
Pure    Values only. A value, once used, keeps its meaning: the log outlives the code.
"""

from enum import StrEnum


class Event(StrEnum):
    """What was done. The FHIR interactions keep FHIR's names."""

    READ = "read"
    VREAD = "vread"
    SEARCH = "search"
    HISTORY = "history"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    OPERATION = "operation"
    PAGE = "page"
    PUSH = "push"
    FETCH = "fetch"
    """Somebody's record is asked for elsewhere, to be taken in."""
    REPLAY = "replay"
    DISCARD = "discard"
    NOTIFY = "notify"
    EXPORT = "export"
    HOME_ACCESS = "home-access"
    """Somebody was shown how to get into a person's home; beside the entry of their look."""
    PRINT = "print"
    DECISION = "decision"
    PERMISSION = "permission"
    SELF_CLAIM = "self-claim"
    BREAK_GLASS_OPEN = "break-glass-open"
    BREAK_GLASS_USE = "break-glass-use"
    BREAK_GLASS_CLOSE = "break-glass-close"
    CONSENT_CHANGE = "consent-change"
    RELATIONSHIP_CHANGE = "relationship-change"
    LABEL_CHANGE = "label-change"
    IDENTITY_CHANGE = "identity-change"
    POLICY_CHANGE = "policy-change"
    SETTING_CHANGE = "setting-change"
    ALERT = "alert"
    REVIEW = "review"
    SAFEGUARDING = "safeguarding"
    """A concern, a suspension, and every look at one: told to nobody but who decides on them."""
    SHRED = "shred"
    KEY = "key"
    AUDIT_VIEW = "audit-view"
    AUDIT_EXPORT = "audit-export"
    LOGIN = "login"
    LOGOUT = "logout"
    COMPLETION = "completion"
    SYSTEM = "system"
    START = "start"
    """A process begins to serve."""
    STOP = "stop"


class Outcome(StrEnum):
    """How it ended. `unknown` is for an answer whose end nobody saw."""

    SERVED = "served"
    STORED = "stored"
    QUARANTINED = "quarantined"
    NOT_FOUND = "not-found"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"
