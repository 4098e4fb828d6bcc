"""When a doctor can be booked: a pure computation from hours, rules and busy time.

Everything runs on the doctor's clock and comes back in UTC. Starts stand on a grid that begins with
each range of hours and steps in elapsed time; neither the viewer's zone, the server's, the moment of
asking nor the window asked for moves it. `clock` says what a wall clock time means on the days when
the clocks change.
"""

from .engine import NOBODY, Busy, in_order
from .hours import busy_window, day_ranges, offered_minutes
from .queries import Refusal, Slot, first_free_start, free_starts, nearest_free_starts, refusal, slot_at
from .rules import DayException, SlotRules, WeeklyRange

__all__ = [
    "NOBODY",
    "Busy",
    "DayException",
    "Refusal",
    "Slot",
    "SlotRules",
    "WeeklyRange",
    "busy_window",
    "day_ranges",
    "first_free_start",
    "free_starts",
    "in_order",
    "nearest_free_starts",
    "offered_minutes",
    "refusal",
    "slot_at",
]
