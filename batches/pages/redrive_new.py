"""Before a redrive: what it would take and what it would do, how fast, by which rule, and why.

The page itself only counts, and no further than 10,000; the dry run reads storage, so the page fetches it by itself,
or on a button's press where there are no scripts.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanWidget

from batches.letters.dry_run import dry_run
from batches.letters.filters import BadFilter, LetterFilter
from batches.letters.patch import told
from batches.letters.preview import preview
from batches.letters.refused import Refused
from batches.letters.start_redrive import MOST_A_MINUTE, PERMISSION, Started, start_redrive
from batches.letters.takeable import newest_letter
from batches.models import DeadLetter, LetterGroup, PatchRule
from batches.pages import links
from batches.pages.shown_try import tries_of
from monitoring import audit
from pages.confirm import reason_field
from storage.port import StorageAway

MOST_COUNTED = 10_000
MOST_RULES = 20


class RedriveForm(forms.Form):
    rule = forms.ChoiceField(label="Read as", required=False, widget=UnfoldAdminSelectWidget())
    rate = forms.IntegerField(
        label="Letters a minute, at most",
        required=False,
        min_value=1,
        max_value=MOST_A_MINUTE,
        help_text="Left empty: as fast as the workers are.",
        widget=UnfoldAdminIntegerFieldWidget({"inputmode": "numeric"}),
    )
    ramp = forms.BooleanField(
        label="Begin gently",
        required=False,
        help_text="1, 5, 25, 125 … letters, each step only when the one before went well. It stops by itself when"
        " letters fail for the same reason again.",
        widget=UnfoldBooleanWidget(),
    )
    reason = reason_field("Kept with the redrive and in the audit log.")
    intent_id = forms.CharField(max_length=64, widget=forms.HiddenInput())
    up_to = forms.IntegerField(widget=forms.HiddenInput())

    def __init__(self, rules: list[PatchRule], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rules = {str(rule.pk): rule for rule in rules}
        named = [(pk, _named(rule)) for pk, rule in self.rules.items()]
        self.fields["rule"].choices = [*named, ("", "The line as it is")]  # type: ignore[attr-defined]

    @property
    def chosen_rule(self) -> PatchRule | None:
        """Of the form as it was sent, or as it is offered at first."""
        return self.rules.get(str(self["rule"].value() or ""))


def redrive_new(request: HttpRequest, admin: Any) -> HttpResponse:
    """The page; sent with `step=start` it begins the redrive, with `step=try` it shows the dry run."""
    audit.permit(request.user, PERMISSION, action="redrive", subject="redrive")
    which = _which(request)
    if isinstance(which, HttpResponse):
        return which
    rules = rules_for(which)
    if request.method != "POST":
        return _page(request, admin, which, RedriveForm(rules, initial=_initial(request.GET, which, rules)))
    form = RedriveForm(rules, data=request.POST)
    if request.POST.get("step") == "try":
        return _page(request, admin, which, form, tried=_tried(request, which, form.chosen_rule))
    if form.is_valid() and (started := _started(request, which, form)):
        _say(request, started)
        return HttpResponseRedirect(links.page("redrive", started.redrive.pk))
    return _page(request, admin, which, form, status=422)


def redrive_try(request: HttpRequest, admin: Any) -> HttpResponse:
    """The dry run alone, as the page fetches it."""
    which = _which(request)
    if isinstance(which, HttpResponse):
        return which
    rules = {str(rule.pk): rule for rule in rules_for(which)}
    tried = _tried(request, which, rules.get(request.GET.get("rule", "")))
    return admin.rendered_part(request, "nightshelf/redrives/dry_run.html", tried)  # type: ignore[no-any-return]


def rules_for(which: LetterFilter) -> list[PatchRule]:
    """The versions of the rule of the group that all these letters belong to, the newest first."""
    group = which.group or _only_group(which)
    return list(PatchRule.objects.filter(group=group).order_by("-version")[:MOST_RULES]) if group else []


def url_for(which: LetterFilter, **more: str) -> str:
    query = QueryDict(mutable=True)
    query.update({**which.as_dict(), **more})
    return f"{reverse('admin:batches_redrive_new')}?{query.urlencode()}"


def _which(request: HttpRequest) -> LetterFilter | HttpResponse:
    try:
        return LetterFilter.of((request.POST if request.method == "POST" else request.GET).dict())
    except BadFilter as fault:
        messages.error(request, str(fault))
        return HttpResponseRedirect(links.letters())


def _only_group(which: LetterFilter) -> str:
    if not which.ids:
        return ""
    groups = list(which.letters().order_by().values_list("group", flat=True).distinct()[:2])
    return str(groups[0]) if len(groups) == 1 else ""


def _initial(asked: QueryDict, which: LetterFilter, rules: list[PatchRule]) -> dict[str, Any]:
    return {
        "intent_id": uuid4().hex,
        "up_to": newest_letter(),
        "ramp": not which.ids,
        "rule": asked.get("rule") or (str(rules[0].pk) if rules else ""),
    }


def _named(rule: PatchRule) -> str:
    does = "; ".join(told(operation) for operation in rule.operations)
    return f"Rule version {rule.version}: {does if len(does) <= 100 else does[:99] + '…'}"


def _tried(request: HttpRequest, which: LetterFilter, rule: PatchRule | None) -> dict[str, Any]:
    up_to = (request.POST if request.method == "POST" else request.GET).get("up_to", "")
    newest = int(up_to) if up_to.isdecimal() and len(up_to) < 19 else None
    try:
        return tries_of(dry_run(which, actor=request.user, rule=rule, up_to=newest, most=100))
    except (Refused, StorageAway) as fault:
        return {"fault": str(fault)}


def _started(request: HttpRequest, which: LetterFilter, form: RedriveForm) -> Started | None:
    data = form.cleaned_data
    try:
        return start_redrive(
            which,
            actor=request.user,
            intent_id=data["intent_id"],
            up_to=data["up_to"],
            reason=data["reason"],
            rule=form.chosen_rule,
            rate=data["rate"],
            ramp=data["ramp"],
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None


def _say(request: HttpRequest, started: Started) -> None:
    if started.again:
        messages.info(request, "This was confirmed already: here is the redrive it began.")
        return
    left = [
        f"{count:,} {why}"
        for count, why in ((started.closed, "were not open any more"), (started.in_hand, "are another redrive's"))
        if count
    ]
    noun = "letter" if started.taken == 1 else "letters"
    tail = f" Left out: {' and '.join(left)}." if left else ""
    messages.success(request, f"The redrive of {started.taken:,} {noun} has begun.{tail}")


def _page(
    request: HttpRequest,
    admin: Any,
    which: LetterFilter,
    form: RedriveForm,
    *,
    tried: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    many = which.letters().order_by()[: MOST_COUNTED + 1].count() > MOST_COUNTED
    rule = form.chosen_rule
    context = {
        "title": "Redrive letters",
        "opts": None,
        "which": which,
        "chosen": which.as_dict(),
        "chosen_query": url_for(which).partition("?")[2],
        "group": LetterGroup.objects.filter(pk=which.group).first() if which.group else None,
        "letter": DeadLetter.objects.filter(pk=which.ids).first() if which.ids.isdecimal() else None,
        "many": many,
        "most": MOST_COUNTED,
        "counted": None if many else preview(which, rule=rule),
        "form": form,
        "back": back_to(which),
        "tried": tried,
        **(tried or {}),
    }
    response = admin.rendered(request, "nightshelf/redrives/new.html", context)
    response.status_code = status
    return response  # type: ignore[no-any-return]


def back_to(which: LetterFilter) -> str:
    """Where these letters are seen."""
    if which.as_dict().keys() <= {"group", "status"} and which.group:
        return links.page("lettergroup", which.group)
    if which.as_dict().keys() == {"ids"} and which.ids.isdecimal():
        return links.page("deadletter", which.ids)
    # The names that the list's own filters have in an address.
    named = {"kind": "kind__exact", "status": "status__exact", "since": "created_at_from", "until": "created_at_to",
             "text": "q"}  # fmt: skip
    return links.letters(**{named.get(name, name): value for name, value in which.as_dict().items() if name != "ids"})
