"""Whether the ledger and the levels agree: each look, what it found, and a button for another."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from inventory.ledger import reconcile
from inventory.models import Reconciliation
from inventory.pages import links
from pages.list_cells import badge, linked, moment
from pages.machine_written import MachineWritten


@admin.register(Reconciliation)
class ReconciliationAdmin(MachineWritten):
    list_display = ("cell_look", "cell_result", "cell_levels", "cell_movements", "cell_by")
    list_display_links = None
    list_select_related = ("asked_by",)
    change_list_template = "nightshelf/stock/reconciliations.html"
    page_template = "nightshelf/stock/reconciliation.html"
    nothing = "Each night every stock level is compared with its movements; what was found is listed here."

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("differences")

    @admin.display(description="As of")
    def cell_look(self, row: Reconciliation) -> SafeString:
        return linked(f"{row.pk}/change/", moment(row.as_of or row.started_at), str(row))

    @admin.display(description="Result")
    def cell_result(self, row: Reconciliation) -> SafeString:
        return result_badge(row)

    @admin.display(description="Levels")
    def cell_levels(self, row: Reconciliation) -> str:
        return f"{row.levels:,}" if row.finished_at else "–"

    @admin.display(description="Movements")
    def cell_movements(self, row: Reconciliation) -> str:
        return f"{row.movements:,}" if row.finished_at else "–"

    @admin.display(description="Asked by")
    def cell_by(self, row: Reconciliation) -> str:
        return row.asked_by.get_username() if row.asked_by else "the system"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may = request.user.has_perm(reconcile.PERMISSION)
        return super().changelist_view(request, {**(extra_context or {}), "may_reconcile": may})  # type: ignore[no-any-return]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = Reconciliation.objects.select_related("asked_by")
        return found.filter(pk=object_id).first() if object_id.isdecimal() and len(object_id) < 19 else None

    def page(self, request: HttpRequest, row: Reconciliation) -> dict[str, Any]:
        return {
            "title": str(row).capitalize(),
            "row": row,
            "result": result_badge(row),
            "took": (row.finished_at - row.as_of) if row.finished_at and row.as_of else None,
            "differences": [_difference(found) for found in row.differences],
            "more": row.differing - len(row.differences),
            "may_reconcile": request.user.has_perm(reconcile.PERMISSION),
        }

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("now/", view(self.now), name="inventory_reconciliation_now"),
            path("<path:object_id>/live/", view(self.live), name="inventory_reconciliation_live"),
            *super().get_urls(),
        ]

    def now(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        asked = reconcile.ask(request.user)
        self.message_user(request, "Asked for. A worker compares every level with its movements.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:inventory_reconciliation_change", args=[asked.pk]))

    def live(self, request: HttpRequest, object_id: str) -> HttpResponse:
        context = self.page(request, self.found(request, object_id))
        return self.rendered_part(request, "nightshelf/stock/reconciliation_body.html", context)


def result_badge(row: Reconciliation) -> SafeString:
    if not row.finished_at:
        return badge("running", "Waits for a worker")
    return (
        badge("failed", f"{row.differing:,} differ{'s' if row.differing == 1 else ''}")
        if row.differing
        else badge("finished", "They agree")
    )


def _difference(found: dict[str, Any]) -> dict[str, Any]:
    """A row of the table: what each side says, and what is wrong in a sentence."""
    said = {name: (found[f"{side}on_hand"], found[f"{side}reserved"]) for name, side in SIDES.items()}
    return {
        **found,
        "level": said["level"],
        "ledger": said["ledger"],
        "last": said["last"],
        "says": _says(found, said),
        "product_url": links.product(found["product_id"]),
        "level_url": links.page("stocklevel", found["level_id"]),
        "movement_url": links.page("stockmovement", found["broken_at"] or found["newest"]),
    }


SIDES = {"level": "", "ledger": "ledger_", "last": "last_"}


def _says(found: dict[str, Any], said: dict[str, tuple[int, int]]) -> str:
    if found["broken_at"]:
        return f"Movement {found['broken_at']} does not follow from the one before it."
    if found["level_id"] is None:
        return "There are movements, and no level."
    if said["ledger"] != said["last"]:
        return "The newest movement is not the sum of all."
    return "The level was changed without a movement."
