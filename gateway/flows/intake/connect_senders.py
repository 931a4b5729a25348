"""The reviewed profiles of a deployment's senders, put where messages are read and answered.

In      The sources file.
Rule    Done once, as a process starts: a profile that changed holds from the next start.
Errors  ConfigurationError, from reading the file.
"""

from gateway.setting_parts import Mllp
from gateway.sources import HospitalProfile, Sources
from mappings.core.model.codes import folded
from mappings.hospital.message import profiles
from mappings.hospital.message.profiles import SourceProfile


def connect_senders(sources: Sources) -> None:
    """Read messages of these senders as their profiles say."""
    profiles.connect([_profile(one) for one in sources.hospital])


def _profile(one: HospitalProfile) -> SourceProfile:
    return SourceProfile(
        one.name,
        one.reviewed,
        frozenset(name.upper() for name in one.applications),
        frozenset(name.upper() for name in one.facilities),
        one.authority,
        frozenset(word.upper() for word in one.nhs_words),
        one.problem_states,
        one.charset,
        one.marks_location,
        one.time_zone,
        dict(one.z_segments),
        {folded(word): code for word, code in one.appointment_states.items()},
    )


def answering(mllp: Mllp, sources: Sources) -> Mllp:
    """The listeners; where a setting says nothing of acknowledgements, the profile does."""
    answers = {system: one.answers for one in sources.hospital for system in one.systems}
    listeners = tuple(
        listener.model_copy(
            update={
                "sources": tuple(
                    source.model_copy(update={"answers": answers[source.system]})
                    if source.answers == "asked" and source.system in answers
                    else source
                    for source in listener.sources
                )
            }
        )
        for listener in mllp.listeners
    )
    return mllp.model_copy(update={"listeners": listeners})
