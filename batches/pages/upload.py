"""Upload of a result file by hand: the fourth door. The file lands in storage and is received like any other."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from batches import kinds
from batches.layout import JOB_ID, RESULT_NAME
from batches.models import Job, ResultFile
from batches.pages import links
from batches.pipeline.open_job import Refused, open_job
from batches.pipeline.take_in import GZIP_MAGIC, default_job_id, digest_of, take_in
from storage.port import StorageFault

PERMISSION = "batches.add_resultfile"
KINDS = (
    "Receipts become transactions, products become proposals to be accepted or rejected, stock counts a stocktake to be"
    " posted. A job that is known keeps its kind."
)


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Result file",
        help_text="JSON Lines as the batch wrote them: .jsonl, .jsonl.gz, or Bedrock's .jsonl.out.",
        error_messages={
            "required": "Choose the result file to upload.",
            "empty": "The file is empty (0 bytes): there is nothing to take in. Look at the batch's own status.",
        },
        widget=forms.FileInput({"accept": ".jsonl,.gz,.out", "class": "ns-file-input"}),
    )
    job_id = forms.CharField(
        label="Job id",
        required=False,
        max_length=200,
        help_text="Left empty, the job is named by the content: the same file then always belongs to the same job.",
        widget=UnfoldAdminTextInputWidget({"placeholder": "named by the content", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label="Kind", widget=UnfoldAdminSelectWidget(), help_text=KINDS)
    user_id = forms.CharField(
        label="User",
        max_length=200,
        help_text="Whose results these are; of receipts, unless an image's upload says otherwise.",
        error_messages={"required": "Say whose results these are: every row belongs to a user."},
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )
    intent_id = forms.CharField(
        label="Intent",
        required=False,
        max_length=200,
        help_text="The user action this belongs to, if it has an id. Left empty: the job's own id.",
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds.labels()  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not RESULT_NAME.search(file.name):
            raise forms.ValidationError(
                f"{file.name} does not look like a result file: its name has to end in .jsonl, .jsonl.gz or .jsonl.out."
            )
        compressed = file.read(2) == GZIP_MAGIC
        file.seek(0)
        if ".gz" in file.name and not compressed:
            raise forms.ValidationError(
                f"{file.name} is not gzip, although its name says so: rename it, or pack it again."
            )
        return file

    def clean_job_id(self) -> str:
        job_id: str = self.cleaned_data["job_id"]
        if job_id and not JOB_ID.fullmatch(job_id):
            raise forms.ValidationError(
                "A job id has up to 200 letters, digits, '.', '_', ':' and '-', and begins with a letter or digit."
            )
        return job_id


def upload(request: HttpRequest, admin: Any) -> HttpResponse:
    """The page, and its form. Sent by a script it answers with JSON, and with a redirect otherwise."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if request.method != "POST":
        form = UploadForm(initial=_initial(request))
    else:
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid() and (file := _taken_in(form)):
            messages.success(
                request, f"{file.key.rpartition('/')[2]} has been received: it is read as soon as a worker is free."
            )
            return _onward(request, links.page("job", file.job_id))
    return _page(request, admin, form)


def _initial(request: HttpRequest) -> dict[str, str]:
    """A job in the address brings its kind along."""
    job_id, kind = request.GET.get("job", ""), request.GET.get("kind", "")
    known = Job.objects.filter(job_id=job_id).values_list("kind", flat=True).first() if job_id else None
    return {"user_id": request.user.get_username(), "job_id": job_id, "kind": known or kind}


def _taken_in(form: UploadForm) -> ResultFile | None:
    data = form.cleaned_data
    content = data["file"]
    try:
        job = open_job(
            data["job_id"] or default_job_id([digest_of(content)]),
            kind=data["kind"],
            user_id=data["user_id"],
            intent_id=data["intent_id"],
        )
        return take_in(job, content.name, content, door="upload")
    except (Refused, StorageFault) as refusal:
        form.add_error(None, str(refusal))
        return None


def _scripted(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


def _onward(request: HttpRequest, url: str) -> HttpResponse:
    return JsonResponse({"url": url}) if _scripted(request) else HttpResponseRedirect(url)


def _page(request: HttpRequest, admin: Any, form: UploadForm) -> HttpResponse:
    if form.is_bound and _scripted(request):
        return JsonResponse({"errors": form.errors})
    context = {"title": "Upload a result file", "opts": None, "form": form, "prefix": settings.RESULT_PREFIX}
    response = admin.rendered(request, "nightshelf/upload/page.html", context)
    response.status_code = 422 if form.is_bound else 200
    return response  # type: ignore[no-any-return]
