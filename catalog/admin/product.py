"""Products: found, edited one by one or in bulk, archived or deleted. Every write is a verb of `catalog.products`."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from catalog.admin.desk import DeskAdmin
from catalog.admin.filters import (
    BarcodeFilter,
    CategoryFilter,
    FeaturedFilter,
    NewFilter,
    OnSaleFilter,
    PriceFilter,
    StatusFilter,
)
from catalog.models import Product
from catalog.pages import images, links, product_cells, transfers
from catalog.pages.allow_pictures import pictures_allowed
from catalog.pages.bulk import bulk_page
from catalog.pages.delete_products import delete_page
from catalog.pages.product_form import ProductForm
from catalog.pages.product_page import about, saved_first
from catalog.products.add_product import add_product
from catalog.products.save_product import save_product
from catalog.products.which import BadFilter, ProductFilter
from catalog.search import search
from monitoring import telemetry


@admin.register(Product)
class ProductAdmin(DeskAdmin):
    form = ProductForm
    list_display = ("cell_product", "cell_category", "cell_price", "cell_stock", "cell_status", "cell_updated")
    list_display_links = None
    list_filter = (
        CategoryFilter, StatusFilter, NewFilter, FeaturedFilter, OnSaleFilter, BarcodeFilter, PriceFilter,
    )  # fmt: skip
    list_select_related = ("category",)
    list_per_page = 50
    search_fields = ("sku",)
    search_help_text = "Name, SKU or barcode, also parts of them"
    actions = ("change_prices", "change_category", "change_status", "export", "delete")
    change_list_template = "nightshelf/products/list.html"
    change_form_template = "nightshelf/products/form.html"
    fieldsets = (
        ("What it is", {"fields": ("name", "sku", "barcode", "category", "description")}),
        ("Price", {"fields": ("price", "sale_price")}),
        ("In the shop", {"fields": ("status", "is_new", "is_featured")}),
    )
    nothing = "Add the first one here, or bring many in from a file."

    # --- The list ---

    @admin.display(description="Product", ordering="name")
    def cell_product(self, product: Any) -> SafeString:
        return product_cells.product(product)

    @admin.display(description="Category")
    def cell_category(self, product: Any) -> SafeString:
        return product_cells.category(product)

    @admin.display(description="Price", ordering="price")
    def cell_price(self, product: Product) -> SafeString:
        return product_cells.price(product)

    @admin.display(description="Stock")
    def cell_stock(self, product: Any) -> SafeString:
        return product_cells.stock(product)

    @admin.display(description="Status")
    def cell_status(self, product: Product) -> SafeString:
        return product_cells.status(product)

    @admin.display(description="Changed", ordering="updated_at")
    def cell_updated(self, product: Product) -> SafeString:
        return product_cells.updated(product)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """Without what only the search looks at: as long again as all the rest."""
        found: QuerySet[Product] = super().get_queryset(request).defer("folded", "pairs")
        return found

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        product_cells.prepare(rows, adjustable=product_cells.may_adjust(request.user))
        request.pictures = [row.picture for row in rows]  # type: ignore[attr-defined]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Product], search_term: str
    ) -> tuple[QuerySet[Product], bool]:
        return (search(queryset, search_term) if search_term.strip() else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data and "cl" in response.context_data:
            response.context_data |= self._matching(request) | self._transfers(request)
        allowed: HttpResponse = pictures_allowed(request, response, getattr(request, "pictures", []))
        return allowed

    def _matching(self, request: HttpRequest) -> dict[str, Any]:
        """Links that work on all products that the list shows, on this page and beyond."""
        if not self.has_change_permission(request):
            return {}
        try:
            which = ProductFilter.of(request.GET.dict())
        except BadFilter:
            return {}
        return {"bulk_links": [(verb, links.bulk(verb, which)) for verb in ("prices", "category", "status")]}

    def _transfers(self, request: HttpRequest) -> dict[str, Any]:
        try:
            return transfers.buttons(request, ProductFilter.of(request.GET.dict()))
        except BadFilter:
            return transfers.buttons(request)

    # --- Actions on the selected ---

    @admin.action(permissions=["view"], description="Export the selected products …")
    def export(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return HttpResponseRedirect(transfers.export_url(_selected(queryset)))

    @admin.action(permissions=["change"], description="Change prices of the selected products …")
    def change_prices(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return HttpResponseRedirect(links.bulk("prices", _selected(queryset)))

    @admin.action(permissions=["change"], description="Put the selected products into a category …")
    def change_category(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return HttpResponseRedirect(links.bulk("category", _selected(queryset)))

    @admin.action(permissions=["change"], description="Change the status of the selected products …")
    def change_status(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return HttpResponseRedirect(links.bulk("status", _selected(queryset)))

    @admin.action(permissions=["delete"], description="Delete the selected products …")
    def delete(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return HttpResponseRedirect(f"{links.delete_products()}?ids={_selected(queryset).ids}")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The admin's own deletion would go past the verbs."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    # --- One product ---

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """What a verb said when this form was sent before is a fault of the form."""
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return type(form.__name__, (form,), {"refusal": refusal}) if refusal else form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        shown = partial(super().changeform_view, request, object_id, form_url, extra_context)
        return saved_first(request, _number(object_id), shown)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("obj") is not None and request.method == "GET":
            telemetry.count("product.views")
        context |= about(request, kwargs.get("obj"))
        response = super().render_change_form(request, context, *args, **kwargs)
        return pictures_allowed(request, response, [context["face"].link] if context.get("face") else [])

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        if change:
            save_product(
                obj.pk, form.values(), seen=form.seen, base=form.opened_with(), actor=request.user
            )  # fmt: skip
        else:
            added = add_product(form.values(), actor=request.user)
            obj.pk, obj.version = added.pk, added.version

    # --- Pages of our own ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            *images.urls(self),
            path("bulk/<str:verb>/", view(self.bulk), name="catalog_product_bulk"),
            path("delete/", view(self.delete_many), name="catalog_product_delete_many"),
            *super().get_urls(),
        ]

    def bulk(self, request: HttpRequest, verb: str) -> HttpResponse:
        return bulk_page(request, self, verb)

    def delete_many(self, request: HttpRequest) -> HttpResponse:
        return delete_page(request, self, ProductFilter(ids=request.GET.get("ids", "")))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        product = Product.objects.filter(pk=_number(object_id) or 0).first()
        if product is None:
            raise Http404("There is no such product.")
        return delete_page(request, self, ProductFilter(ids=str(product.pk)))


def _number(object_id: str | None) -> int | None:
    pk = unquote(object_id) if object_id else ""
    return int(pk) if pk.isdecimal() and len(pk) < 19 else None


def _selected(queryset: QuerySet[Product]) -> ProductFilter:
    """A list page's worth at most."""
    ids = queryset.order_by("pk").values_list("pk", flat=True)[: ProductAdmin.list_per_page]
    return ProductFilter(ids=",".join(map(str, ids)))
