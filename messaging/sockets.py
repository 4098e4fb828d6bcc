"""Who may hear that notices changed."""

from medai.common import realtime
from medai.common.identity import Identity


@realtime.topic("user-notices")
def the_person_alone(identity: Identity, key: str) -> bool:
    return identity.user_id is not None and key == str(identity.user_id)
