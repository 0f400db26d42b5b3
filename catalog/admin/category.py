"""The tree of categories: listed as it stands, moved by choosing where a category lies."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.desk import DeskAdmin
from catalog.categories import tree
from catalog.categories.delete_category import delete_category, holds
from catalog.categories.picture import link_to
from catalog.categories.save_category import add_category, save_category
from catalog.models import Category
from catalog.pages import links
from catalog.pages.allow_pictures import pictures_allowed
from catalog.pages.category_form import CategoryForm
from catalog.pages.category_upload import picture_stored, refused_once
from catalog.products.refused import Refused
from catalog.products.which import ProductFilter
from monitoring import audit
from pages.confirm import ReasonForm, confirm_page
from storage.port import StorageFault


@admin.register(Category)
class CategoryAdmin(DeskAdmin):
    form = CategoryForm
    list_display = ("cell_name", "cell_slug", "cell_products", "cell_add")
    list_display_links = None
    list_per_page = 100
    ordering = ("path",)
    sortable_by = ()
    search_fields = ("name", "slug")
    search_help_text = "Name or slug"
    actions: Any = None
    change_form_template = "nightshelf/categories/form.html"
    fieldsets = (
        ("What it is", {"fields": ("name", "slug", "description")}),
        ("Where it lies", {"fields": ("parent",)}),
        ("Picture", {"fields": ("upload", "without_image")}),
    )
    nothing = "Products are easier to find in categories. A category may lie in another one."

    @admin.display(description="Category")
    def cell_name(self, category: Category) -> SafeString:
        return format_html(
            '<div class="ns-branch" style="padding-left: {}rem"><a href="{}" class="ns-strong">{}</a></div>',
            1.5 * (category.depth - 1), links.page("category", category.pk), category.name,
        )  # fmt: skip

    @admin.display(description="Slug")
    def cell_slug(self, category: Category) -> SafeString:
        return format_html('<span class="ns-muted ns-id">{}</span>', category.slug)

    @admin.display(description="Products")
    def cell_products(self, category: Any) -> SafeString:
        own, whole = category.counts
        told = format_html(
            '<a class="ns-link" href="{}">{}</a>',
            links.products(ProductFilter(category=str(category.pk))),
            f"{whole:,}",
        )
        return format_html('{}<span class="ns-sub">{} in itself</span>', told, f"{own:,}") if own != whole else told

    @admin.display(description="")
    def cell_add(self, category: Any) -> SafeString:
        if not category.may_add:
            return SafeString("")
        address = f"{reverse('admin:catalog_category_add')}?parent={category.pk}"
        return format_html('<a class="ns-link ns-nowrap" href="{}">Add below</a>', address)

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        counts, may_add = tree.product_counts(rows), self.has_add_permission(request)
        for row in rows:
            row.counts, row.may_add = counts[row.pk], may_add

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        found: QuerySet[Category] = Category.objects.order_by("path")
        return found

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only looks has no use for the choices of a form."""
        if obj is not None and not self.has_change_permission(request, obj):
            return self.fieldsets[:1]
        return super().get_fieldsets(request, obj)

    # --- One category ---

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return type(form.__name__, (form,), {"refusal": refusal}) if refusal else form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        may = self.has_change_permission(request) if object_id else self.has_add_permission(request)
        picture_stored(request, may)
        shown = partial(super().changeform_view, request, object_id, form_url, extra_context)
        return refused_once(request, shown)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        link = self._picture(str(context["adminform"].form["image"].value() or ""))
        response = super().render_change_form(request, {**context, "picture": link}, *args, **kwargs)
        return pictures_allowed(request, response, [link])

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """The tree's own columns are nobody's to save from here: the verb writes."""
        return form.instance

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is none."""

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        if change:
            save_category(obj.pk, form.values(), form.parent_id, actor=request.user)
        else:
            obj.pk = add_category(form.values(), form.parent_id, actor=request.user).pk
        obj.name = form.cleaned_data["name"]

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        permission = "catalog.delete_category"
        audit.permit(request.user, permission, action="delete", subject="category", subject_id=object_id[:64])
        category = self._category(object_id)
        back = links.page("category", category.pk)
        form, why = ReasonForm(request.POST or None), holds(category)
        if form.is_valid():
            try:
                delete_category(category.pk, actor=request.user, reason=form.cleaned_data["reason"])
            except Refused as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
                return HttpResponseRedirect(back)
            self.message_user(request, f"{category.name} was deleted.", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:catalog_category_changelist"))
        return confirm_page(
            request, self, form, heading=f"Delete {category.name}", text=why or "It is empty. It cannot be had back.",
            button="" if why else "Delete", danger=True, back=back, crumb=category.name,
        )  # fmt: skip

    def _category(self, object_id: str) -> Category:
        pk = unquote(object_id)
        known = pk.isdecimal() and len(pk) < 19
        found: Category | None = Category.objects.filter(pk=pk).first() if known else None
        if found is None:
            raise Http404("There is no such category.")
        return found

    def _picture(self, key: str) -> str:
        try:
            return link_to(key, settings.IMAGE_LINK_SECONDS) if key else ""
        except StorageFault:
            return ""
