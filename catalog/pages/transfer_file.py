"""Files to take away: an export, the refused rows of an import, and an example to begin with."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header

from catalog.models import Transfer, TransferKind
from catalog.transfers.columns import COLUMNS
from catalog.transfers.link import EXPORT, LinkOver, linked
from catalog.transfers.permissions import permit
from catalog.transfers.refused_rows import write_refused
from catalog.transfers.writing.file import content_type_of, written
from storage import result_storage
from storage.port import StorageFault

EXAMPLE = (
    (
        "TEE-WHITE-M",
        "T-shirt, white, M",
        "Organic cotton.",
        2980,
        None,
        None,
        True,
        False,
        "draft",
        "4901234567894",
        None,
    ),
    ("MUG-BLUE", "マグカップ ブルー", "", 1280, 980, None, False, True, "active", "", None),
)
OVER = "Files are kept for some days only. Export anew, or upload the file again."


def transfer_file(request: HttpRequest, token: str, *, admin: Any) -> HttpResponseBase:
    """What a signed link is for, to whoever may see products."""
    permit(request.user, TransferKind.EXPORT, action="download")
    try:
        transfer_id, what = linked(token)
        transfer = Transfer.objects.filter(pk=transfer_id).first()
        if transfer is None:
            raise Http404("There is no such transfer.")
        return _export(transfer) if what == EXPORT else _refused(transfer)
    except LinkOver as over:
        return _unavailable(request, admin, str(over), "")
    except StorageFault as fault:
        return _unavailable(request, admin, str(fault), OVER)


def example(request: HttpRequest, *, admin: Any) -> HttpResponseBase:
    permit(request.user, TransferKind.EXPORT, action="download")
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    with written(file, "csv", COLUMNS) as rows:
        for row in EXAMPLE:
            rows.write(row)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="products.csv", content_type=content_type_of("csv"))


def _export(transfer: Transfer) -> HttpResponseBase:
    storage = result_storage()
    blocks = storage.blocks(transfer.key, storage.stat(transfer.key).version)
    response = StreamingHttpResponse(blocks, content_type=content_type_of(transfer.format))
    response["Content-Disposition"] = content_disposition_header(True, transfer.name)
    response["Cache-Control"] = "private, no-store"
    return response


def _refused(transfer: Transfer) -> HttpResponseBase:
    file = TemporaryFile(prefix="nightshelf-refused-")  # noqa: SIM115 - the response closes it
    try:
        write_refused(transfer, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    name = f"refused-rows-of-{transfer.pk}.{transfer.format}"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=content_type_of(transfer.format))
    response["Cache-Control"] = "private, no-store"
    return response


def _unavailable(request: HttpRequest, admin: Any, fault: str, advice: str) -> HttpResponse:
    back = reverse("admin:catalog_transfer_changelist")
    response = admin.rendered(request, "nightshelf/unavailable.html", {"fault": fault, "advice": advice, "back": back})
    response.status_code = 410
    return response  # type: ignore[no-any-return]
