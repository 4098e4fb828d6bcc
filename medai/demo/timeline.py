"""When people came to the platform."""

from datetime import datetime, timedelta
from random import Random


def doctor_joined_at(slug: str, now: datetime, *, applies: bool) -> datetime:
    """Before the first visit of the demo, or a few days ago for one who `applies` and was not let in yet."""
    rng = Random(f"joined:{slug}")
    return now - timedelta(days=rng.uniform(0.3, 4) if applies else rng.uniform(110, 420))


def patient_joined_at(key: str, now: datetime) -> datetime:
    """Within some fourteen months; almost a third lately."""
    rng = Random(f"joined:{key}")
    return now - timedelta(days=rng.uniform(0.2, 90) if rng.random() < 0.3 else rng.uniform(90, 420))
