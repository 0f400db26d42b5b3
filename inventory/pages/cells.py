"""Small pieces of the stock pages' tables."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from inventory.models import PostingKind, StockMovement
from pages import figures

# By the names that states have everywhere, so that the colours mean the same.
KIND_TONES: dict[str, str] = {
    PostingKind.RECEIPT: "done",
    PostingKind.ADJUSTMENT: "open",
    PostingKind.TRANSFER: "running",
    PostingKind.RESERVATION: "waiting",
    PostingKind.RELEASE: "waiting",
    PostingKind.SHIPMENT: "running",
    PostingKind.COUNT: "replaced",
    PostingKind.REVERSAL: "failed",
}


def change_of(movement: StockMovement) -> SafeString:
    """By how much what is on hand changed, and what is reserved where that changed too."""
    tone = "ns-good-text" if movement.quantity > 0 else "ns-bad-text" if movement.quantity < 0 else "ns-muted"
    reserved = f"reserved {signed(movement.reserved)}" if movement.reserved else ""
    return format_html(
        '<div class="ns-count"><span class="ns-strong {}">{}</span><span class="ns-sub">{}</span></div>',
        tone, signed(movement.quantity), reserved,
    )  # fmt: skip


def signed(value: int) -> str:
    """+5, −3 with a real minus, 0."""
    return figures.signed(f"{value:+,}") if value else "0"
