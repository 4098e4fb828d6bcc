"""The arithmetic of charts, maps, months and time grids."""

import itertools
import re
from datetime import date

import pytest
from django.template import Context, Template
from django.utils import translation

from medai.common.components.charts import Chart, Series, Spark, nice_step
from medai.common.components.maps import Pin, place
from medai.common.components.month import month
from medai.common.components.time_grid import Closed, Column, Event, in_lanes, time_grid


def percent(text: str) -> float:
    return float(text.removesuffix("%"))


# --- Charts ---


@pytest.mark.parametrize(
    ("top", "step"),
    [(0, 1), (3, 1), (9, 2), (10, 2), (12, 2.5), (21.4, 5), (100, 20), (1234, 250), (0.8, 0.2)],
)
def test_steps_are_round(top, step):
    assert nice_step(top) == pytest.approx(step)


@pytest.mark.parametrize(("top", "step"), [(1, 1), (3, 1), (12, 5), (120, 25), (2, 1)])
def test_counts_get_whole_steps(top, step):
    assert nice_step(top, whole=True) == step


def test_bars_stand_on_the_axis_and_are_as_high_as_their_value():
    chart = Chart("Visits", ["Mon", "Tue"], [Series("Visits", [10, 5])])
    first, second = chart.bars
    assert float(first.y) + float(first.height) == pytest.approx(chart.plot)
    assert float(first.height) == pytest.approx(2 * float(second.height), abs=0.02)
    assert percent(second.x) - percent(first.x) == pytest.approx(50)


def test_stacked_bars_lie_on_one_another_and_grouped_ones_beside():
    series = [Series("Office", [3]), Series("Video", [1])]
    low, high = Chart("Visits", ["Mon"], series, kind="stacked").bars
    assert low.x == high.x
    assert float(high.y) + float(high.height) == pytest.approx(float(low.y))
    one, two = Chart("Visits", ["Mon"], series).bars
    assert percent(two.x) == pytest.approx(percent(one.x) + percent(one.width))


def test_whole_numbers_get_whole_steps_and_the_top_fits():
    chart = Chart("Visits", ["a", "b", "c"], [Series("Visits", [1, 2, 9])])
    with translation.override("en"):
        assert chart.values == ["0", "2", "4", "6", "8", "10"]


def test_names_are_ranked_with_bars_against_the_largest():
    chart = Chart("By channel", ["Web", "Phone", "None"], [Series("Visits", [8, 2, 0])], kind="ranked")
    assert chart.ranked == [("Web", "8", "100%"), ("Phone", "2", "25%"), ("None", "0", "0%")]


def test_numbers_on_the_axis_are_in_the_language_of_the_page():
    chart = Chart("Income", ["a"], [Series("Income", [0.75])])
    with translation.override("es"):
        assert "0,2" in chart.values
    with translation.override("en"):
        assert "0.2" in chart.values


def test_coordinates_never_follow_the_language():
    chart = Chart("Visits", ["a", "b", "c"], [Series("x", [1.5, 2.5, 3.5])], kind="line")
    with translation.override("es"):
        html = Template("{% chart chart %}").render(Context({"chart": chart}))
    plot = re.sub(r'(aria-label|data-tip|datetime)="[^"]*"|<title>.*?</title>', "", html.split("<details")[0])
    coordinates = re.findall(r' (?:x|y|x1|x2|y1|y2|cx|cy|width|height)="([^"]*)"', plot)
    assert len(coordinates) > 10
    assert not [value for value in coordinates if "," in value]


def test_labels_are_thinned_until_they_fit():
    chart = Chart("Visits", [str(n) for n in range(1, 32)], [Series("x", [1] * 31)])
    assert len(chart.ticks) <= 12
    assert len([tick for tick in chart.ticks if not tick.minor]) <= 6
    assert chart.ticks[0].text == "1"


def test_a_chart_says_its_numbers_in_words_and_as_a_table():
    chart = Chart("Visits", ["Mon", "Tue"], [Series("Office", [3, 4]), Series("Video", [1, 0])])
    html = Template("{% chart chart %}").render(Context({"chart": chart}))
    assert 'aria-label="Visits. Office: Mon 3, Tue 4. Video: Mon 1, Tue 0"' in html
    assert html.count('<th scope="row">') == 2
    assert 'data-tip="Mon\nOffice: 3\nVideo: 1"' in html


def test_a_long_chart_is_summed_up():
    chart = Chart("Visits", [str(n) for n in range(30)], [Series("x", list(range(5, 35)))])
    with translation.override("en"):
        assert chart.description == "Visits. from 5 to 34, lowest 5, highest 34"


@pytest.mark.parametrize("values", [[], [0, 0]])
def test_an_empty_chart_says_so(values):
    chart = Chart("Visits", ["a"] * len(values), [Series("x", values)])
    with translation.override("en"):
        html = Template("{% chart chart %}").render(Context({"chart": chart}))
    assert "Nothing to show" in html
    assert "<svg class=" not in html


def test_a_hostile_label_is_escaped():
    chart = Chart("Visits", ['"><script>'], [Series("x", [1])])
    assert "<script>" not in Template("{% chart chart %}").render(Context({"chart": chart}))


def test_a_flat_spark_line_stays_in_its_box():
    spark = Spark([5, 5, 5], "flat")
    assert spark.line == "0,28 36,28 72,28"
    assert spark.end == ("72", "28")


# --- Maps ---


def test_north_is_up_and_east_is_right():
    north = Pin(4.70, -74.05, "north")
    south = Pin(4.60, -74.05, "south")
    east = Pin(4.65, -74.00, "east")
    where = {placed.pin.label: placed for placed in place([north, south, east])}
    assert percent(where["north"].y) < percent(where["east"].y) < percent(where["south"].y)
    assert percent(where["east"].x) > percent(where["north"].x)


def test_pins_stay_inside_whatever_their_distance():
    for pins in ([Pin(-85, -180, "a"), Pin(85, 180, "b")], [Pin(4.6, -74, "a"), Pin(4.6, -74, "b")]):
        for placed in place(pins):
            assert 10 <= percent(placed.x) <= 90
            assert 10 <= percent(placed.y) <= 95


def test_no_label_covers_another():
    close = [Pin(4.69, -74.03, f"$ {number}00.000") for number in range(1, 6)]
    heights = sorted(percent(placed.y) for placed in place([*close, Pin(6.2, -75.6, "$ 220.000")]))
    assert all(later - earlier >= 6 for earlier, later in itertools.pairwise(heights))


def test_one_pin_is_in_the_middle():
    (placed,) = place([Pin(4.6, -74, "here")])
    assert placed.x == "50.0%"


def test_the_current_pin_lies_on_top_and_can_be_touched():
    placed = place([Pin(4.6, -74, "a", current=True), Pin(4.5, -74, "b"), Pin(4.7, -74, "c")])
    assert [item.pin.label for item in placed] == ["c", "b", "a"]
    assert all(item.area_width >= 44 for item in placed)


def test_no_pins_draw_an_empty_map():
    assert "map__pins" in Template("{% map_pins pins %}").render(Context({"pins": []}))


# --- Months ---


def test_a_month_starts_on_monday_and_fills_its_weeks():
    result = month(2026, 11, link=lambda day: f"/{day}", free=[date(2026, 11, 24)])
    assert result.days[0].date.weekday() == 0
    assert len(result.days) % 7 == 0
    assert [day.date.day for day in result.days if day.url] == [24]
    with translation.override("es"):
        assert result.headings[0] == ("L", "lunes")


def test_all_days_may_be_links():
    result = month(2026, 2, link=lambda day: f"/{day}", only_free=False)
    assert len([day for day in result.days if day.url]) == 28


def test_turning_goes_to_the_first_of_the_neighbours():
    result = month(2026, 12, link=str, month_link=lambda first: first.isoformat())
    assert (result.previous_url, result.next_url) == ("2026-11-01", "2027-01-01")


# --- Time grids ---


def lanes(*times: tuple[int, int]) -> list[str]:
    return [event.lane for event in in_lanes([Event(start, length, "x") for start, length in times])]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([(480, 30), (510, 30)], ["", ""]),
        ([(480, 60), (510, 30)], ["1/2", "2/2"]),
        ([(480, 60), (500, 20), (520, 20)], ["1/2", "2/2", "2/2"]),
        ([(480, 60), (490, 60), (500, 60)], ["1/3", "2/3", "3/3"]),
        ([(480, 240), (490, 10), (700, 60), (710, 60)], ["1/3", "2/3", "2/3", "3/3"]),
        ([(600, 30), (480, 60)], ["", ""]),
    ],
)
def test_events_that_overlap_share_the_width(times, expected):
    assert lanes(*times) == expected


def test_touching_a_long_event_keeps_the_run_together():
    # The third starts after the second ended, yet still beside the first.
    assert lanes((480, 300), (490, 10), (600, 30)) == ["1/2", "2/2", "2/2"]


def test_places_are_rounded_to_what_the_stylesheet_knows():
    event = Event(483, 7, "x")
    assert (event.hour, event.minute, event.length) == (8, 5, 15)
    assert Closed(0, 1440).length == 1440
    assert Closed(0, 1000).length % 15 == 0


def test_the_grid_grows_around_early_and_late_events():
    grid = time_grid([Column([Event(390, 30, "early"), Event(1170, 45, "late")])])
    assert (grid.first_hour, grid.last_hour) == (6, 21)


def test_every_place_an_event_can_take_has_a_rule():
    from medai.common.bundles import build

    css = build("css/medai.css").read_text()
    for start in range(0, 1440, 5):
        event = Event(start, 30, "x")
        assert f'[data-h="{event.hour}"]' in css
        assert event.minute == 0 or f'[data-m="{event.minute}"]' in css
    for minutes in range(5, 721, 5):
        assert f'[data-len="{Event(0, minutes, "x").length}"]' in css
    for minutes in range(5, 1441, 5):
        assert f'[data-len="{Closed(0, minutes).length}"]' in css


@pytest.mark.parametrize(
    ("minute", "shown"), [(479, None), (480, 480), (1079, 1079), (1080, None), (None, None)]
)
def test_the_line_of_now_stays_within_the_hours_that_are_shown(minute: int | None, shown: int | None) -> None:
    assert time_grid([Column([], now=minute)]).columns[0].now == shown
