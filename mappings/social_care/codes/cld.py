"""Code tables of Client Level Data: what the wordings of its releases mean.

Source  Client Level Data guidance release 1 (February 2023) and release 2, as used in DHSC's
        published method (DataS-DHSC/ASC-CLD-LA-Dashboard, MIT); Interweave social-care code
        systems (yorkshire-and-humber-care-record/fhir-ig-r4, Apache-2.0).
Rule    Release 1 and release 2 words stand side by side, since files mix them. Where release 2
        joins or splits release 1 values, it has a code of its own: nothing is paired by guess.
"""

import re
from typing import Any, Final

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable, Concept
from mappings.terms import support

_CLD: Final = "Client Level Data releases 1 and 2"
_INTERWEAVE: Final = "https://fhir.interweavedigital.nhs.uk/R4/CodeSystem/Interweave"

_DASHES: Final = str.maketrans({"–": "-", "—": "-", "’": "'", "‘": "'"})


_NFA: Final = re.compile(r"NFA\s*[-:]\s*", re.IGNORECASE)


def plain(text: Any) -> str:
    """The words with ordinary dashes and apostrophes, and one way to write `NFA`."""
    words = " ".join(str(text).split())
    if not words.isascii():
        words = words.translate(_DASHES)
    found = _NFA.match(words)
    return f"NFA - {words[found.end() :]}" if found else words


def _own(system: str, code: str, display: str) -> Concept:
    return Concept(f"{systems.OWN}/CodeSystem/cld-{system}", code, display)


def _category(code: str, display: str) -> Concept:
    return Concept(f"{_INTERWEAVE}-SocialCareServiceCategory", code, display)


def _service(code: str, display: str) -> Concept:
    return Concept(f"{_INTERWEAVE}-SocialCareServiceType", code, display)


def _outcome(code: str, display: str) -> Concept:
    return Concept(f"{_INTERWEAVE}-SocialCareAssessmentOutcome", code, display)


def _reason(code: str, display: str) -> Concept:
    return Concept(f"{_INTERWEAVE}-SocialCareSupportReason", code, display)


CLIENT_TYPE: Final = CodeTable(
    source=f"{_CLD}, Client Type",
    rows={
        "Service user": "service-user",
        "Carer": "carer",
        "Unpaid carer": "carer",
        "Carer known by association": "carer-known",
        "Unpaid carer known by association": "carer-known",
    },
)

GENDER: Final = CodeTable(
    source=f"{_CLD}, Gender",
    rows={"Male": "male", "Female": "female", "Other": "other", "Unknown": "unknown"},
)

_ETHNIC: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland"


def _ethnic(code: str, display: str) -> Concept:
    return Concept(_ETHNIC, code, display)


ETHNICITY: Final = CodeTable(
    source=f"{_CLD}, Ethnicity; UK Core, UKCore-EthnicCategoryEngland (census of 2001)",
    rows={
        "White: English, Welsh, Scottish, Northern Irish or British": _ethnic(
            "A", "White - British"
        ),
        "White: Irish": _ethnic("B", "White - Irish"),
        "White: Any other White background": _ethnic("C", "White - Any other White background"),
        "Mixed or multiple ethnic groups: White and Black Caribbean": _ethnic(
            "D", "Mixed - White and Black Caribbean"
        ),
        "Mixed or multiple ethnic groups: White and Black African": _ethnic(
            "E", "Mixed - White and Black African"
        ),
        "Mixed or multiple ethnic groups: White and Asian": _ethnic("F", "Mixed - White and Asian"),
        "Mixed or multiple ethnic groups: Any other Mixed or multiple ethnic background": _ethnic(
            "G", "Mixed - Any other mixed background"
        ),
        "Asian or Asian British: Indian": _ethnic("H", "Asian or Asian British - Indian"),
        "Asian or Asian British: Pakistani": _ethnic("J", "Asian or Asian British - Pakistani"),
        "Asian or Asian British: Bangladeshi": _ethnic("K", "Asian or Asian British - Bangladeshi"),
        "Asian or Asian British: Any other Asian background": _ethnic(
            "L", "Asian or Asian British - Any other Asian background"
        ),
        "Black, Black British, Caribbean or African: Caribbean": _ethnic(
            "M", "Black or Black British - Caribbean"
        ),
        "Black, Black British, Caribbean or African: African": _ethnic(
            "N", "Black or Black British - African"
        ),
        "Black, Black British, Caribbean or African: Any other Black, Black British or Caribbean"
        " background": _ethnic("P", "Black or Black British - Any other Black background"),
        "Asian or Asian British: Chinese": _ethnic("R", "Other Ethnic Groups - Chinese"),
        "Other ethnic group: Any other ethnic group": _ethnic(
            "S", "Other Ethnic Groups - Any other ethnic group"
        ),
        "No data: Refused": _ethnic("Z", "Not stated"),
        "No data: Undeclared or not known": _ethnic("99", "Not known"),
        "White: Gypsy or Irish Traveller": _own(
            "ethnicity", "gypsy-or-irish-traveller", "Gypsy or Irish Traveller"
        ),
        "White: Roma": _own("ethnicity", "roma", "Roma"),
        "Other ethnic group: Arab": _own("ethnicity", "arab", "Arab"),
    },
)
"""Three groups that the older census does not have stand under codes of our own."""

_PAID: Final = {
    "Paid: Less than 16 hours a week": "paid-under-16-hours",
    "Paid: 16 or more hours a week": "paid-16-hours-or-more",
    "Paid: Hours per week unknown": "paid-hours-unknown",
}
_SEEKING: Final = _own("employment", "seeking-work", "Not in paid employment: seeking work")
_NOT_SEEKING: Final = _own(
    "employment", "not-seeking-work", "Not in paid employment: not seeking work, or retired"
)
_VOLUNTARY: Final = _own(
    "employment", "voluntary-work", "Not in paid employment: voluntary work only"
)
EMPLOYMENT: Final = CodeTable(
    source=f"{_CLD}, Employment Status",
    rows={
        **{words: _own("employment", code, words) for words, code in _PAID.items()},
        "Not in Paid Employment (seeking work)": _SEEKING,
        "Not in paid employment: Seeking work": _SEEKING,
        "Not in Paid Employment (not actively seeking work / retired)": _NOT_SEEKING,
        "Not in paid employment: Not actively seeking work or retired": _NOT_SEEKING,
        "Not in Paid Employment (voluntary work only)": _VOLUNTARY,
        "Not in paid employment: Voluntary work only": _VOLUNTARY,
    },
)

SERVICE_TYPE: Final = CodeTable(
    source=f"{_CLD}, Service Type",
    rows={
        "Short Term Support: ST-Max": _category("STS-STMAX", "Short Term Support: ST-Max"),
        "Short Term Support: Ongoing Low Level": _category(
            "STS-OLL", "Short Term Support: Ongoing Low Level"
        ),
        "Short Term Support: Other Short Term": _category(
            "STS-OST", "Short Term Support: Other Short Term"
        ),
        "Long Term Support: Nursing Care": _category("LTS-NC", "Long Term Support: Nursing Care"),
        "Long Term Support: Residential Care": _category(
            "LTS-RS", "Long Term Support: Residential Care"
        ),
        "Long Term Support: Community": _category("LTS-C", "Long Term Support: Community"),
        "Long Term Support: Prison": _category("LTS-P", "Long Term Support: Prison"),
        "Carer Support: Direct to Carer": _category("CS-DC", "Carer Support: Direct to Carer"),
        "Unpaid carer support: Direct to unpaid carer": _category(
            "CS-DC", "Carer Support: Direct to Carer"
        ),
        "Carer Support: Support involving the person cared-for": _category(
            "CS-SIPC", "Carer Support: Support involving the person cared-for"
        ),
        "Unpaid carer support: Support involving the person cared-for": _category(
            "CS-SIPC", "Carer Support: Support involving the person cared-for"
        ),
    },
)

SERVICE_COMPONENT: Final = CodeTable(
    source=f"{_CLD}, Service Component",
    rows={
        "Reablement": _service("R", "Reablement"),
        "Short Term Nursing Care": _service("STNC", "Short Term Nursing Care"),
        "Short Term Residential Care": _service("STRC", "Short Term Residential Care"),
        "Long Term Nursing Care": _service("LTNC", "Long Term Nursing Care"),
        "Long Term Residential Care": _service("LTRC", "Long Term Residential Care"),
        "Home Support": _service("HS", "Home Support"),
        "Home support or domiciliary care": _service("HS", "Home Support"),
        "Day Support": _service("DS", "Day Support"),
        "Meals": _service("M", "Meals"),
        "Transport": _service("TRAN", "Transport"),
        "Equipment": _service("EQ", "Equipment"),
        "Direct Payment": _service("DP", "Direct Payment"),
        "Shared Lives": _service("SL", "Shared Lives"),
        "Community Supported Living": _service("CSL", "Community Supported Living"),
        "Extra care housing": support.service_kind("extra-care"),
        "Professional Support": _service("PS", "Professional Support"),
        "Learning/Education/Employment Support": _service(
            "LEES", "Learning/Education/Employment Support"
        ),
        "End of Life Care": _service("EOL", "End of Life Care"),
        "Emergency Support": _service("ES", "Emergency Support"),
        "Other Short Term Support": _service("OSTS", "Other Short Term Support"),
        "Other Long Term Support": _service("OLTS", "Other Long Term Support"),
        "Carer Respite": _service("C-R", "Carer Respite"),
        "Carer Sitting Service": _service("C-SS", "Carer Sitting Service"),
        "Carer Universal Services": _service("C-US", "Carer Universal Services"),
        "Other Carer Support": _service("C-OTH", "Other Carer Support"),
    },
)

DELIVERY: Final = CodeTable(
    source=f"{_CLD}, Delivery Mechanism",
    rows={
        "Direct Payment": "direct-payment",
        "Community: Direct Payment": "direct-payment",
        "CASSR Managed Personal Budget": "managed-budget",
        "Community: CASSR Managed Personal Budget": "managed-budget",
        "Prison: CASSR Managed Personal Budget": "managed-budget",
        "CASSR Commissioned Support": "commissioned",
        "Community: CASSR Commissioned Support": "commissioned",
        "Prison: CASSR Commissioned Support": "commissioned",
        "Self-Funder Metering Only": "self-funder",
    },
)
"""To know one event from another; what it says of money is FUNDING's."""

FUNDING: Final = CodeTable(
    source=f"{_CLD}, Delivery Mechanism",
    rows={
        "Direct Payment": support.funding("direct-payment"),
        "Community: Direct Payment": support.funding("direct-payment"),
        "CASSR Managed Personal Budget": support.funding("managed-account"),
        "Community: CASSR Managed Personal Budget": support.funding("managed-account"),
        "Prison: CASSR Managed Personal Budget": support.funding("managed-account"),
        "CASSR Commissioned Support": support.funding("council"),
        "Community: CASSR Commissioned Support": support.funding("council"),
        "Prison: CASSR Commissioned Support": support.funding("council"),
        "Self-Funder Metering Only": support.funding("self-funder"),
    },
)

FUNDING_STATUS: Final = CodeTable(
    source=f"{_CLD}, Client Funding Status",
    rows={
        "Fully social care funded": support.funding("council"),
        "Joint client and social care funded": support.funding("joint"),
        "Fully client funded": support.funding("self-funder"),
    },
)


def _home(code: str, display: str) -> Concept:
    return _own("accommodation", code, display)


ACCOMMODATION: Final = CodeTable(
    source=f"{_CLD}, Accommodation Status",
    rows={
        "Owner occupier or shared ownership scheme": _home("owner", "Owner or shared ownership"),
        "Tenant": _home("tenant", "Tenant of a council or housing association"),
        "Tenant: Local authority or other social housing provider": _home(
            "tenant", "Tenant of a council or housing association"
        ),
        "Tenant - private landlord": _home("private-tenant", "Tenant of a private landlord"),
        "Tenant: Private landlord": _home("private-tenant", "Tenant of a private landlord"),
        "Settled mainstream housing with family / friends": _home(
            "with-family", "Settled with family or friends"
        ),
        "Settled mainstream housing with family or friends": _home(
            "with-family", "Settled with family or friends"
        ),
        "Supported accommodation / supported lodgings / supported group home": _home(
            "supported", "Supported accommodation"
        ),
        "Supported accommodation, supported lodgings or supported group home": _home(
            "supported", "Supported accommodation"
        ),
        "Shared Lives scheme": _home("shared-lives", "Shared Lives"),
        "Approved premises for offenders released from prison or under probation supervision": (
            _home("approved-premises", "Approved premises")
        ),
        "Sheltered housing / extra care housing / other sheltered housing": _home(
            "sheltered", "Sheltered or extra care housing"
        ),
        "Sheltered housing, extra care housing or other sheltered housing": _home(
            "sheltered", "Sheltered or extra care housing"
        ),
        "Mobile accommodation for Gypsy / Roma and Traveller communities": _home(
            "mobile", "Mobile accommodation"
        ),
        "Mobile accommodation for Gypsy, Roma and Traveller communities": _home(
            "mobile", "Mobile accommodation"
        ),
        "Rough sleeper / squatting": _home("rough-sleeper", "Sleeping rough or squatting"),
        "Rough sleeper or squatting": _home("rough-sleeper", "Sleeping rough or squatting"),
        "Night shelter / emergency hostel / direct access hostel": _home(
            "hostel", "Night shelter or hostel"
        ),
        "Night shelter, emergency hostel or direct access hostel": _home(
            "hostel", "Night shelter or hostel"
        ),
        "Refuge": _home("refuge", "Refuge"),
        "Placed in temporary accommodation by the council (inc. homelessness resettlement)": (
            _home("temporary-council", "Temporary accommodation from the council")
        ),
        "Staying with family / friends as a short-term guest": _home(
            "guest", "Short-term guest of family or friends"
        ),
        "Staying with family or friends as a short term guest": _home(
            "guest", "Short-term guest of family or friends"
        ),
        "Acute / long-term healthcare residential facility or hospital": _home(
            "hospital", "Hospital or long-term healthcare facility"
        ),
        "Acute hospital or long term healthcare residential facility": _home(
            "hospital", "Hospital or long-term healthcare facility"
        ),
        "Registered care home": _home("care-home", "Care home"),
        "Registered nursing home": _home("nursing-home", "Nursing home"),
        "Prison / Young offenders institution / detention centre": _home(
            "prison", "Prison or detention"
        ),
        "Prison, young offenders institution or detention centre": _home(
            "prison", "Prison or detention"
        ),
        "Other temporary accommodation": _home("temporary", "Other temporary accommodation"),
    },
)
"""A refuge is labelled: `refuge` among the functions."""

OUTCOME: Final = CodeTable(
    source=f"{_CLD}, Event Outcome",
    rows={
        "Progress to Reablement/ST-Max": _outcome("PRO-R", "Progress to Reablement/ST-Max"),
        "Progress to Assessment": _outcome("PRO-ASS", "Progress to Assessment"),
        "Progress to Re-assessment / Unplanned Review": _outcome(
            "PRO-RASS", "Progress to Re-assessment/Unplanned Review"
        ),
        "Progress to assessment, review or reassessment": _own(
            "event-outcome",
            "assess-or-review",
            "Progress to assessment, review or reassessment",
        ),
        "Progress to Support Planning / Services": _outcome(
            "PRO-SUP", "Progress to Support Planning / Services"
        ),
        "Progress to support planning or services": _outcome(
            "PRO-SUP", "Progress to Support Planning / Services"
        ),
        "Progress to End of Life Care": _outcome("PRO-EOL", "Progress to End of Life Care"),
        "Progress to financial assessment": _outcome("PRO-FA", "Progress to financial assessment"),
        "Provision of service": _outcome("POS", "Provision of service"),
        "Admitted to Hospital": _outcome("ADMH", "Admitted to hospital"),
        "No change in package": _outcome("NCP", "No change in package"),
        "Continuation of support or services": _own(
            "event-outcome", "continuation", "Continuation of support or services"
        ),
        "Service Ended as Planned": _outcome("SEP", "Service ended as planned"),
        "NFA - Support ended as planned": _own(
            "event-outcome", "support-ended-as-planned", "Support ended as planned"
        ),
        "NFA - Moved to another LA": _outcome("NFA-MALA", "NFA - Moved to another LA"),
        "NFA - Responsibility moved to another local authority": _own(
            "event-outcome", "moved", "Responsibility moved to another local authority"
        ),
        "NFA - 100% NHS funded care": _outcome("NFA-1NFC", "NFA - 100% NHS funded care"),
        "NFA - Referral to NHS services or NHS funded social care": _own(
            "event-outcome", "nhs", "Referral to NHS services or NHS funded social care"
        ),
        "NFA - Self-funded client (Inc. 12wk disregard)": _outcome(
            "NFA-SFC", "NFA - Self-funded client (inc 12wk disregard)"
        ),
        "NFA - Self-funded client or under 12wk disregard": _outcome(
            "NFA-SFC", "NFA - Self-funded client (inc 12wk disregard)"
        ),
        "NFA - Information & Advice / Signposting only": _outcome(
            "NFA-IA", "NFA - Information & Advice / Signposting only"
        ),
        "NFA - Information and advice or signposting": _outcome(
            "NFA-IA", "NFA - Information & Advice / Signposting only"
        ),
        "NFA - Referral to other service within the local authority": _own(
            "event-outcome",
            "other-council-service",
            "Referral to other service within the local authority",
        ),
        "NFA - Support declined": _outcome("NFA-SD", "NFA - Support declined"),
        "NFA - Deceased": _outcome("NFA-D", "NFA - Deceased"),
        "NFA - No services offered: Other reason": _outcome(
            "NFA-NSO", "NFA - No services offered: Other reason"
        ),
        "NFA - No services offered for other reason": _outcome(
            "NFA-NSO", "NFA - No services offered: Other reason"
        ),
        "NFA - Support ended: Other reason": _outcome(
            "NFA-SEO", "NFA - Support ended: Other reason"
        ),
        "NFA - Support ended for other reason": _outcome(
            "NFA-SEO", "NFA - Support ended: Other reason"
        ),
        "NFA - Other": _outcome("NFA-OTH", "NFA - Other"),
    },
)

SUPPORT_REASON: Final = CodeTable(
    source=f"{_CLD}, Primary Support Reason",
    rows={
        "Physical Support: Access & mobility only": _reason(
            "PS-AMO", "Physical Support: Access & mobility only"
        ),
        "Physical support: Access and mobility only": _reason(
            "PS-AMO", "Physical Support: Access & mobility only"
        ),
        "Physical Support: Personal care support": _reason(
            "PS-PCS", "Physical Support: Personal care support"
        ),
        "Sensory Support: Support for visual impairment": _reason(
            "SS-SVI", "Sensory Support: Support for visual impairment"
        ),
        "Sensory Support: Support for hearing impairment": _reason(
            "SS-SHI", "Sensory Support: Support for hearing impairment"
        ),
        "Sensory Support: Support for dual impairment": _reason(
            "SS-SDI", "Sensory Support: Support for dual impairment"
        ),
        "Support with Memory & Cognition": _reason("SMC", "Support with Memory and Cognition"),
        "Support with memory and cognition": _reason("SMC", "Support with Memory and Cognition"),
        "Learning Disability Support": _reason("LDS", "Learning Disability Support"),
        "Mental Health Support": _reason("MHS", "Mental Health Support"),
        "Social Support: Substance misuse support": _reason(
            "SOS-SMS", "Social Support: Substance misuse support"
        ),
        "Social Support: Asylum seeker support": _reason(
            "SOS-ASS", "Social Support: Asylum seeker support"
        ),
        "Social Support: Support for Social Isolation/Other": _reason(
            "SOS-IO", "Social Support: Support for Social Isolation/Other"
        ),
        "Social Support: Support to Carer": _own(
            "support-reason", "support-to-carer", "Social support: Support to unpaid carer"
        ),
        "Social support: Support to unpaid carer": _own(
            "support-reason", "support-to-carer", "Social support: Support to unpaid carer"
        ),
    },
)

ROUTE: Final = CodeTable(
    source=f"{_CLD}, Request: Route of Access",
    rows={
        "Planned Entry (Transition)": _own("route", "transition", "Planned entry (transition)"),
        "Discharge from Hospital": _own("route", "hospital-discharge", "Discharge from hospital"),
        "Diversion from Hospital Services": _own(
            "route", "hospital-diversion", "Diversion from hospital services"
        ),
        "Community / Other route": _own("route", "community", "Community or other route"),
        "Prison": _own("route", "prison", "Prison"),
        "Self-Funder": _own("route", "self-funder", "Self-funder"),
        "Discharge from Reablement": _own(
            "route", "reablement-discharge", "Discharge from reablement"
        ),
        "Transfer from Other LA": _own("route", "transfer", "Transfer from another council"),
    },
)

ASSESSMENT_TYPE: Final = CodeTable(
    source=f"{_CLD}, Assessment Type",
    rows={
        "Short term assessment": _own("assessment-type", "short-term", "Short term assessment"),
        "Long term assessment": _own("assessment-type", "long-term", "Long term assessment"),
    },
)

REVIEW_OUTCOME: Final = CodeTable(
    source=f"{_CLD}, Review Outcomes Achieved",
    rows={
        "Fully Met": _own("review-outcome", "fully-met", "Fully met"),
        "Partially Met": _own("review-outcome", "partially-met", "Partially met"),
        "Not Met": _own("review-outcome", "not-met", "Not met"),
    },
)
"""A verdict on the plan as a whole: never given to a single goal."""


def word_key(table: CodeTable, text: str | None) -> str:
    """One spelling for all wordings of a value, to know an event again; itself if unknown."""
    if not text:
        return ""
    found = table.find(plain(text))
    if isinstance(found, Concept):
        return found.code
    return found or plain(text).casefold()
