import pytest

from batches.formats.rejection import Code, Rejected, excerpt, visible


@pytest.mark.parametrize(
    ("hidden", "seen"),
    [
        ("a\0b", "a\\x00b"),
        ("a\nb\t", "a\\x0ab\\x09"),
        ("\x85", "\\x85"),
        ("half \ud800 a character", "half \\ud800 a character"),
        ("turned \u202e around", "turned \\u202e around"),
        ("売上 ✓", "売上 ✓"),
    ],
)
def test_control_characters_are_made_visible(hidden: str, seen: str) -> None:
    assert visible(hidden) == seen


def test_an_excerpt_has_at_most_500_characters_and_shows_that_it_was_cut() -> None:
    assert excerpt("short") == "short"
    cut = excerpt("word " * 1_000)
    assert len(cut) == 500
    assert cut.endswith("…")


def test_an_excerpt_of_escapes_stays_within_500_characters() -> None:
    assert len(excerpt("\0" * 500)) == 500


def test_an_image_is_left_out_of_an_excerpt() -> None:
    line = b'{"bytes": "' + b"iVBORw0KGgo" * 100 + b'==", "text": "after"}'
    assert excerpt(line) == '{"bytes": "‹base64›", "text": "after"}'


def test_an_excerpt_begins_shortly_before_the_problem() -> None:
    text = "before " * 1_000 + "PROBLEM" + " after" * 1_000
    cut = excerpt(text, text.index("PROBLEM"))
    assert "PROBLEM" in cut
    assert cut.startswith("…")
    assert cut.endswith("…")


def test_an_excerpt_of_bytes_that_are_no_text_is_text() -> None:
    assert excerpt(b"a\xff\x00") == "a\\xff\\x00"


def test_everything_in_a_rejection_can_be_stored_and_is_bounded() -> None:
    bad = "\0\ud800" * 2_000
    rejection = Rejected(Code.WRONG_TYPE, bad, field=bad, part=bad).rejection(bad)
    for text, limit in (
        (rejection.message, 1_000),
        (rejection.field, 100),
        (rejection.excerpt, 500),
        (rejection.record_id, 200),
    ):
        assert 0 < len(text) <= limit
        assert "\0" not in text
        text.encode()


def test_the_code_is_plain_text() -> None:
    assert type(Rejected(Code.WRONG_TYPE, "…").rejection().code) is str
