"""The service map's places: labels on their own, whoever asks whom."""

from __future__ import annotations

from itertools import combinations, product

from monitoring.pages.traces.edges import VISITORS, Edge
from monitoring.pages.traces.map_drawing import COLUMNS, drawing
from monitoring.pages.traces.map_page import rate


def edge(source: str, target: str, errors: int = 0) -> Edge:
    return Edge(source, target, 100, errors, 0.1, 0.2, 0.3, minutes=10)


def test_labels_lie_on_nothing_for_the_edges_of_a_night() -> None:
    usual = [edge(VISITORS, "web", 1), edge("queue", "worker", 3), edge("web", "database"), edge("web", "storage"),
             edge("web", "queue", 1), edge("worker", "database"), edge("worker", "storage", 1),
             edge("scheduler", "database"), edge("scheduler", "queue"), edge("consumer", "database")]  # fmt: skip
    drawn = drawing(usual)
    boxes = [*drawn.nodes.values(), *(line.label for line in drawn.lines)]

    assert len(drawn.lines) == len(usual)
    assert not [(one, other) for one, other in combinations(boxes, 2) if one.shared(other)]


def test_everything_fits_the_drawing_when_everybody_asks_everybody() -> None:
    drawn = drawing([edge(*ends) for ends in product(COLUMNS[1], COLUMNS[2])])

    for box in (*drawn.nodes.values(), *(line.label for line in drawn.lines)):
        assert 0 <= box.left <= box.left + box.wide <= drawn.wide
        assert 0 <= box.top <= box.top + box.high <= drawn.high


def test_nodes_that_nobody_asks_are_left_out() -> None:
    assert set(drawing([edge("web", "database")]).nodes) == {"web", "database"}
    assert drawing([]).nodes == {}


def test_an_edge_to_what_is_no_node_is_no_line() -> None:
    assert drawing([edge("web", "moon")]).lines == []


def test_rates_are_in_the_unit_in_which_they_are_figures() -> None:
    assert [rate(a_minute) for a_minute in (6000, 90, 12, 1, 0.5, 0.001)] == [
        "100/s", "1.5/s", "12/min", "1.0/min", "30/h", "0.1/h",
    ]  # fmt: skip
