"""The addresses of a product's images. They have no list of their own: they are their product's."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern

from catalog.models import ProductImage
from catalog.pages import images
from pages.machine_written import MachineWritten


@admin.register(ProductImage)
class ProductImageAdmin(MachineWritten):
    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        return images.urls(self)
