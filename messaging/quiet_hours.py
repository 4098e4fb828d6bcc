"""When a person wants silence, and when a message may leave instead. Pure: times in, times out.

Three rules, from what people expect:

- What answers somebody's own action leaves at once: whoever books at eleven in the evening wants to see it now.
- Other news waits until the quiet hours end, unless the visit is then so near that waiting would harm.
- A reminder that falls into quiet hours leaves when they end; if that is too near to the visit, just before they
  begin. So a visit at 7:30 with quiet hours until 7:00 is called to mind the evening before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

# Before the quiet hours begin: room for the sending itself.
MARGIN = timedelta(minutes=15)

# News about a visit that begins within this time after the quiet hours is not held back by them.
PRESSING = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A daily stretch in local minutes of the day: `from_minute` belongs to it, `until_minute` no longer does.

    Equal minutes mean never quiet; a stretch may span midnight.
    """

    from_minute: int
    until_minute: int
    time_zone: str

    def cover(self, moment: datetime) -> bool:
        if self.from_minute == self.until_minute:
            return False
        minute = self._minute(moment)
        if self.from_minute < self.until_minute:
            return self.from_minute <= minute < self.until_minute
        return minute >= self.from_minute or minute < self.until_minute

    def end_after(self, moment: datetime) -> datetime:
        """When the stretch that covers this moment ends."""
        is_next_day = self.from_minute > self.until_minute and self._minute(moment) >= self.from_minute
        return self._at(moment, days=int(is_next_day), minute=self.until_minute)

    def start_before(self, moment: datetime) -> datetime:
        """When the stretch that covers this moment began."""
        is_day_before = self._minute(moment) < self.from_minute
        return self._at(moment, days=-int(is_day_before), minute=self.from_minute)

    def _minute(self, moment: datetime) -> int:
        local = moment.astimezone(ZoneInfo(self.time_zone))
        return local.hour * 60 + local.minute

    def _at(self, moment: datetime, *, days: int, minute: int) -> datetime:
        local = moment.astimezone(ZoneInfo(self.time_zone)) + timedelta(days=days)
        wall = local.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0, fold=0)
        return wall.astimezone(moment.tzinfo)


def news_at(
    now: datetime, quiet: QuietHours, *, deadline: datetime | None, is_own_action: bool = False
) -> datetime:
    """When news may leave; `deadline` is when it becomes useless: the visit, or the time to answer."""
    if is_own_action or not quiet.cover(now):
        return now
    end = quiet.end_after(now)
    if deadline is not None and deadline - end < PRESSING:
        return now
    return end


def reminder_at(
    starts_at: datetime, quiet: QuietHours, *, lead: timedelta, latest: timedelta, now: datetime
) -> datetime | None:
    """When a reminder leaves that is wanted `lead` before the visit and of full use until `latest` before it.

    None where that time is over: a visit booked an hour ahead needs no reminder for two hours ahead.
    """
    due_at = _out_of_quiet_hours(starts_at, starts_at - lead, quiet, latest=latest, now=now)
    return due_at if now < due_at < starts_at else None


def _out_of_quiet_hours(
    starts_at: datetime, wanted: datetime, quiet: QuietHours, *, latest: timedelta, now: datetime
) -> datetime:
    if not quiet.cover(wanted):
        return wanted
    end = quiet.end_after(wanted)
    if end <= starts_at - latest:
        return end
    before = quiet.start_before(wanted) - MARGIN
    # Too late for the evening before: shortly before the visit is better than not at all.
    return before if before > now else end
