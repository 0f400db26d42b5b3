"""Result files of the kind "stock_counts" end as stocktakes that a person posts; by themselves they change no stock."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from batches.counts import place as place_step
from batches.counts.into_stocktake import into_stocktake
from batches.counts.place_again import place_again
from batches.counts.wake import wake_counters
from batches.letters.dry_run import dry_run
from batches.models import CountedStock, DeadLetter
from batches.pipeline.work import work_on
from catalog.models import Product
from inventory.models import Location, StockLevel, StockMovement, Stocktake, StocktakeLine
from tests.builders import claims, counts, ingested, jsonl, run_all, status_of, taken_in, the_letter
from tests.integration.pages import person
from tests.kinds import COUNTS_JOB, a_location, a_product, count_line, counts_job, placed, the_count
from tests.redrives import ALL, a_rule, an_operator, outcomes, run_redrives, started
from tests.stock import stocked

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shop() -> Location:
    a_product()
    a_product("CUP-1", name="Cup")
    return a_location()


def brought(*lines: bytes, name: str = "results.jsonl") -> Any:
    return ingested(jsonl(lines), name, counts_job())


def lines_of(stocktake: Stocktake) -> dict[str, int | None]:
    return dict(stocktake.lines.values_list("product__sku", "counted"))


def test_counts_become_an_open_stocktake_and_stock_stays() -> None:
    stocked(5, Product.objects.get(sku="TOTE-1"), Location.objects.get())
    brought(count_line(), count_line("CUP-1", quantity=3, note="front"))
    assert placed() == 2

    taken = Stocktake.objects.get()
    assert (taken.source, taken.status, taken.location.code) == (COUNTS_JOB, "open", "TOKYO")
    assert lines_of(taken) == {"TOTE-1": 12, "CUP-1": 3}
    line = StocktakeLine.objects.get(product__sku="TOTE-1")
    assert (line.expected, line.on_hand_then, line.verified, line.counted_by) == (5, 5, False, None)
    assert the_count().stocktake_line == line
    assert StockLevel.objects.get(product__sku="TOTE-1").on_hand == 5
    assert StockMovement.objects.count() == 1  # what was there before
    assert (counts(COUNTS_JOB), status_of(COUNTS_JOB)) == ({"inserted": 2}, "finished")


def test_a_stocktake_for_each_location() -> None:
    a_location("OSAKA")
    brought(count_line(), count_line(location="osaka", quantity=2))
    placed()
    assert {taken.location.code: lines_of(taken) for taken in Stocktake.objects.all()} == {
        "TOKYO": {"TOTE-1": 12},
        "OSAKA": {"TOTE-1": 2},
    }


def test_sku_and_location_in_other_letters_are_the_same_count() -> None:
    brought(count_line(), count_line("tote-1", "tokyo", 7))
    placed()
    assert CountedStock.objects.get().quantity == 7
    assert lines_of(Stocktake.objects.get()) == {"TOTE-1": 7}
    assert counts(COUNTS_JOB) == {"inserted": 1, "superseded": 1}


def test_nothing_is_placed_while_the_file_is_being_read() -> None:
    taken_in(jsonl([count_line()]), job=counts_job())
    assert placed() == 0
    run_all()
    assert placed() == 1
    assert placed() == 0


def test_rows_of_a_file_that_is_still_being_read_wait(small_chunks: None) -> None:
    # The second line begins behind the first 400 bytes, and so is the second chunk's.
    lines = [count_line(note="x" * 200, record="r" * 200), count_line("CUP-1", note="x" * 200, record="s" * 200)]
    taken_in(jsonl(lines), job=counts_job())
    first, *others = claims()
    work_on(first)
    assert (CountedStock.objects.count(), placed()) == (1, 0)
    for claim in others:
        work_on(claim)
    assert placed() == 2


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that were sent for counts."""
    names: list[str] = []
    monkeypatch.setattr("batches.counts.wake.send", lambda task, messages: names.append(task.name))
    return names


def test_a_redrive_wakes_a_worker(sent: list[str]) -> None:
    brought(count_line("NEW-1"))
    assert sent == []
    a_product("NEW-1", name="New")
    started()
    run_redrives()
    assert sent == ["batches.place_counts"]


def test_the_end_of_the_file_wakes_a_worker(sent: list[str]) -> None:
    brought(count_line())
    assert sent == ["batches.place_counts"]
    placed()
    wake_counters()
    assert sent == ["batches.place_counts"]


def test_killed_between_batches_nothing_is_lost_or_doubled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_step, "COUNTS_PER_TRANSACTION", 1)
    brought(count_line(), count_line("CUP-1", quantity=3))

    class Killed(BaseException):
        pass

    calls: list[Any] = []

    def dies_in_the_second(place: Any, some: Any) -> Any:
        given = into_stocktake(place, some)
        calls.append(given)
        if len(calls) == 2:
            raise Killed  # the stocktake's line is written, the mark is not
        return given

    monkeypatch.setattr("batches.counts.place.into_stocktake", dies_in_the_second)
    with pytest.raises(Killed):
        placed()
    assert StocktakeLine.objects.count() == 1
    assert placed() == 1

    assert lines_of(Stocktake.objects.get()) == {"TOTE-1": 12, "CUP-1": 3}
    assert set(StocktakeLine.objects.values_list("version", flat=True)) == {1}


def test_an_unknown_sku_is_a_letter_that_is_redriven_once_the_product_is_there() -> None:
    brought(count_line(), count_line("NEW-1", quantity=4), count_line("NEW-2", quantity=5))
    placed()

    assert counts(COUNTS_JOB) == {"inserted": 1, "dead": 2}
    assert status_of(COUNTS_JOB) == "with_letters"
    letters = list(DeadLetter.objects.order_by("pk"))
    assert {(letter.code, letter.field, letter.kind) for letter in letters} == {("unknown_sku", "sku", "line")}
    assert "`NEW-1` is not in the catalogue" in the_letter(record_id="TOKYO#NEW-1").message
    assert len({letter.group_id for letter in letters}) == 1

    a_product("NEW-1", name="New")
    redrive = started()
    run_redrives()
    assert sorted(outcomes(redrive)) == ["failed_again", "inserted"]
    assert placed() == 1

    assert lines_of(Stocktake.objects.get()) == {"TOTE-1": 12, "NEW-1": 4}
    assert counts(COUNTS_JOB) == {"inserted": 2, "dead": 1}


def test_the_letters_place_is_the_lines_own() -> None:
    lines = [count_line(), count_line("NEW-1"), count_line("CUP-1")]
    brought(*lines)
    letter = the_letter()
    assert (letter.offset, letter.length) == (len(lines[0]) + 1, len(lines[1]))
    assert (letter.line, letter.transaction_id) == (2, None)


def test_a_location_that_is_unknown_or_closed() -> None:
    a_location("OLD", is_active=False)
    brought(count_line(location="NOWHERE"), count_line("CUP-1", location="OLD"))
    assert set(DeadLetter.objects.values_list("code", "field")) == {("unknown_location", "location")}
    Location.objects.filter(code="OLD").update(is_active=True)
    started()
    run_redrives()
    assert counts(COUNTS_JOB) == {"inserted": 1, "dead": 1}


def test_a_dry_run_tells_and_leaves_nothing() -> None:
    brought(count_line("NEW-1"), count_line("NEW-2"))
    a_product("NEW-1", name="New")
    shown = dry_run(ALL, actor=an_operator())
    assert shown.outcomes == {"inserted": 1, "failed_again": 1}
    [right] = [each for each in shown.shown if each.outcome == "inserted"]
    assert right.changes["quantity"] == (None, 12)
    assert not CountedStock.objects.exists()


def test_a_rule_puts_misread_skus_right() -> None:
    brought(count_line("SKU:TOTE-1"), count_line("SKU:CUP-1"))
    rule = a_rule([{"op": "strip_prefix", "field": "sku", "text": "SKU:"}])
    redrive = started(rule=rule)
    run_redrives()
    placed()
    assert outcomes(redrive) == ["inserted", "inserted"]
    assert lines_of(Stocktake.objects.get()) == {"TOTE-1": 12, "CUP-1": 12}


def test_a_repeated_file_changes_nothing() -> None:
    content = jsonl([count_line()])
    ingested(content, "one.jsonl", counts_job())
    placed()
    ingested(content, "two.jsonl", counts_job())
    assert placed() == 0
    assert counts(COUNTS_JOB) == {"inserted": 1, "unchanged": 1}
    assert StocktakeLine.objects.get().version == 1


def test_a_corrected_file_corrects_the_open_stocktake() -> None:
    brought(count_line(), name="one.jsonl")
    placed()
    brought(count_line(quantity=14), name="two.jsonl")
    assert placed() == 1
    assert lines_of(Stocktake.objects.get()) == {"TOTE-1": 14}
    assert counts(COUNTS_JOB) == {"inserted": 1, "updated": 1}


@pytest.mark.parametrize("taken", ["verified", "counted", "posted", "cancelled"])
def test_what_a_person_has_taken_up_is_kept(taken: str) -> None:
    brought(count_line(), name="one.jsonl")
    placed()
    take_up(taken)
    brought(count_line(quantity=14), name="two.jsonl")
    placed()

    assert lines_of(Stocktake.objects.get()) == {"TOTE-1": 12}
    assert the_count().quantity == 12
    assert counts(COUNTS_JOB) == {"inserted": 1, "superseded": 1}
    assert "quantity: '12' is stored, the line says '14'" in the_letter(kind="conflict").message


def take_up(how: str) -> None:
    if how in ("posted", "cancelled"):
        Stocktake.objects.update(status=how)
    elif how == "verified":
        StocktakeLine.objects.update(verified=True)
    else:
        StocktakeLine.objects.update(counted_by=User.objects.create_user("hanako"))


def test_counts_that_come_after_the_stocktake_was_closed_are_told_of() -> None:
    brought(count_line(), name="one.jsonl")
    placed()
    Stocktake.objects.update(status="posted")
    brought(count_line("CUP-1"), name="two.jsonl")
    assert placed() == 1

    assert lines_of(Stocktake.objects.get()) == {"TOTE-1": 12}
    assert "is posted" in the_count("CUP-1").problem
    assert placed() == 0


def test_a_product_that_goes_before_its_count_is_placed() -> None:
    brought(count_line(), count_line("CUP-1"))
    Product.objects.filter(sku="CUP-1").delete()
    placed()
    assert lines_of(Stocktake.objects.get()) == {"TOTE-1": 12}
    assert "not in the catalogue any more" in the_count("CUP-1").problem

    a_product("CUP-1", name="Cup")
    by = person("change_countedstock")
    assert place_again([the_count("CUP-1").pk, the_count().pk], actor=by) == 1
    assert placed() == 1
    assert the_count("CUP-1").problem == ""
    assert lines_of(Stocktake.objects.get()) == {"TOTE-1": 12, "CUP-1": 12}


def test_bad_lines_are_letters() -> None:
    brought(count_line(quantity=-1), count_line("CUP-1", quantity=1.5), count_line())
    assert counts(COUNTS_JOB) == {"inserted": 1, "dead": 2}
    assert set(DeadLetter.objects.values_list("code", flat=True)) == {"invalid_quantity"}
