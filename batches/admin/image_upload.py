"""Photographed receipts: whose, where they lie, the trace they began, and how their move went."""

from __future__ import annotations

from itertools import chain
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import FileSystemStorage, storages
from django.db.models import Q, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesRadioFilter

from batches.admin.filters import JobFilter, UserFilter
from batches.admin.image_decision import confirmation
from batches.layout import processed_key
from batches.models import DeadLetter, ImageUpload, Transaction
from batches.moves import decide
from batches.moves.decide import AGAIN, CLEAN, VERBS, Verb
from batches.pages import links
from batches.pages.image import TYPES, picture_of_upload, shown
from batches.search import TRACE_CHARS, hex_id
from batches.states import LetterKind, UploadStatus
from pages.filters import DayRangeFilter, TextFilter
from pages.list_cells import badge, linked, moment, stacked
from pages.machine_written import MachineWritten
from pages.moments import MomentsFilter
from storage import result_storage
from storage.folder_link import LinkOver, seer_of
from storage.folder_link import linked as linked_by
from storage.port import StorageFault

SAYS = {
    UploadStatus.UPLOADED: "It waits for its receipt to be read; or its line is dead, and it stays here until that is"
    " put right.",
    UploadStatus.DUE: "Its receipt was read: it is about to be moved.",
    UploadStatus.COPIED: "Its copy is verified; the source is about to be deleted.",
    UploadStatus.MOVED: "It was moved: copied, verified, and deleted at its source.",
    UploadStatus.UNCLEANED: "It was copied and verified, but its source could not be deleted.",
    UploadStatus.FAILED: "It could not be moved, and nothing was deleted.",
}
ADVICE = {
    "again": "When the cause is put right, it can be moved again.",
    "clean": "When the cause is put right, its source can be cleaned up.",
}
OVER = "This link's time is over. Reload the page that it stands on."


class WhyFilter(TextFilter):
    title, parameter_name, hint = "reason", "code", "for example storage_away"

    def matching(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(code=value)


class MovedFilter(MomentsFilter):
    title, parameter_name, column = "moments of moves", "moved", "moved_at"


class GivenUpFilter(MomentsFilter):
    title, parameter_name, column = "moments given up", "given_up", "failed_at"


@admin.register(ImageUpload)
class ImageUploadAdmin(MachineWritten):
    list_display = ("cell_image", "cell_status", "cell_user", "cell_trace", "cell_uploaded", "cell_moved")
    list_display_links = None
    list_filter = (
        ("status", ChoicesRadioFilter), JobFilter, UserFilter, WhyFilter, ("uploaded_at", DayRangeFilter), MovedFilter,
        GivenUpFilter,
    )  # fmt: skip
    search_fields = ("image_id",)
    search_help_text = "Image or trace"
    actions = ("move_again", "clean_up")
    page_template = "nightshelf/files/image.html"
    nothing = "Photographed receipts appear here as they are uploaded by day."

    @admin.display(description="Image")
    def cell_image(self, upload: ImageUpload) -> SafeString:
        return linked(f"{upload.pk}/change/", upload.image_id, upload.moved_key or upload.key)

    @admin.display(description="Status")
    def cell_status(self, upload: ImageUpload) -> SafeString:
        told = badge(upload.status, upload.get_status_display())
        return format_html('{}<span class="ns-sub">{}</span>', told, upload.code) if upload.code else told

    @admin.display(description="User")
    def cell_user(self, upload: ImageUpload) -> SafeString:
        return format_html('<span class="ns-id">{}</span>', upload.user_id)

    @admin.display(description="Trace")
    def cell_trace(self, upload: ImageUpload) -> SafeString:
        return format_html('<code class="ns-id">{}</code>', upload.trace_id)

    @admin.display(description="Uploaded")
    def cell_uploaded(self, upload: ImageUpload) -> SafeString:
        return moment(upload.uploaded_at)

    @admin.display(description="Moved")
    def cell_moved(self, upload: ImageUpload) -> SafeString:
        return moment(upload.moved_at) if upload.moved_at else stacked("–", "")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        matching = Q(image_id__startswith=term)
        if trace := hex_id(term, TRACE_CHARS):
            matching |= Q(trace_id=trace)
        return queryset.filter(matching), False

    def page(self, request: HttpRequest, row: ImageUpload) -> dict[str, Any]:
        verb = next((name for name, verb in VERBS.items() if verb.source == row.status), "")
        return {
            "upload": row,
            "says": SAYS[UploadStatus(row.status)],
            "target": processed_key(row.key, row.due_on) if row.due_on else "",
            "transactions": Transaction.objects.filter(image_id=row.image_id)[:20],
            "letters": DeadLetter.objects.filter(record_id=row.image_id, kind=LetterKind.IMAGE)[:20],
            "verb": verb,
            "advice": ADVICE.get(verb, ""),
            "may_decide": self.has_decide_permission(request),
            **picture_of_upload(request, row),
        }

    # --- What a person can do about a move ---

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(decide.PERMISSION)

    @admin.action(permissions=["decide"], description="Move the selected images again")
    def move_again(self, request: HttpRequest, queryset: QuerySet[ImageUpload]) -> Any:
        return self._decide(request, AGAIN, queryset, request.get_full_path())

    @admin.action(permissions=["decide"], description="Clean up the sources of the selected images")
    def clean_up(self, request: HttpRequest, queryset: QuerySet[ImageUpload]) -> Any:
        return self._decide(request, CLEAN, queryset, request.get_full_path())

    def decide(self, request: HttpRequest, object_id: str, verb: str) -> Any:
        """The page's own button: the same verb as the list's actions."""
        if request.method not in ("GET", "POST"):
            return HttpResponseNotAllowed(["GET", "POST"])
        if verb not in VERBS:
            raise Http404(f"There is no verb {verb}.")
        row = self.found(request, object_id)
        if not self.has_decide_permission(request):
            raise PermissionDenied
        return self._decide(
            request, VERBS[verb], ImageUpload.objects.filter(pk=row.pk), links.page("imageupload", row.pk)
        )

    def _decide(self, request: HttpRequest, verb: Verb, chosen: QuerySet[ImageUpload], back: str) -> Any:
        if not request.POST.get("confirmed"):
            return confirmation(request, self.rendered, verb, chosen, back=back)
        rows = chosen.order_by().filter(status=verb.source)
        pks = list(rows.values_list("pk", flat=True)[: decide.MOST_AT_ONCE + 1])
        try:
            outcome = decide.decide(pks, verb, request.POST.get("reason", ""), by=request.user)
        except decide.Refused as refusal:
            return confirmation(request, self.rendered, verb, chosen, back=back, fault=str(refusal))
        noun = "image" if outcome.changed == 1 else "images"
        left = f" {outcome.left:,} were done already." if outcome.left else ""
        level = messages.SUCCESS if outcome.changed else messages.INFO
        self.message_user(request, f"{outcome.changed:,} {noun} {verb.done}.{left}", level)
        return HttpResponseRedirect(back)

    # --- The image itself ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("shown/<str:token>/", view(self.show), name="batches_folder_image"),
            path("<path:object_id>/open/", view(self.open), name="batches_imageupload_open"),
            path("<path:object_id>/decide/<str:verb>/", view(self.decide), name="batches_imageupload_decide"),
            *super().get_urls(),
        ]

    def open(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the image in full, by a link made this moment: the one on the page may have run out."""
        picture = shown(request, self.found(request, object_id))
        if picture.link:
            return HttpResponseRedirect(picture.link)
        response = self.rendered(request, "nightshelf/unavailable.html", {"fault": picture.why_not, "advice": ""})
        response.status_code = 410
        return response

    def show(self, request: HttpRequest, token: str) -> HttpResponseBase:
        """What a folder's signed link shows. S3 answers for its own links."""
        storage = storages["default"]
        try:
            link = linked_by(token)
            if not seer_of(link.key, _may_see_receipts)(request.user):
                return HttpResponse("You may not see images.", status=403, content_type="text/plain")
            if not isinstance(storage, FileSystemStorage) or link.content_type not in TYPES.values():
                raise LinkOver  # noqa: TRY301 - one answer for all links that show nothing
            blocks = result_storage().blocks(link.key, result_storage().stat(link.key).version)
            first = next(blocks, b"")
        except LinkOver:
            return HttpResponse(OVER, status=410, content_type="text/plain")
        except StorageFault as fault:
            return HttpResponse(str(fault), status=404, content_type="text/plain")
        # Whatever the bytes are, they are a picture or nothing: no sniffing (the site's own header), no scripts.
        headers = {"Content-Disposition": "inline", "Content-Security-Policy": "default-src 'none'; sandbox"}
        return StreamingHttpResponse(chain([first], blocks), content_type=link.content_type, headers=headers)


def _may_see_receipts(user: Any) -> bool:
    return any(user.has_perm(name) for name in ("batches.view_imageupload", decide.PERMISSION))
