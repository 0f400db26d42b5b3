"""The form of a category: its place in the tree is a field of it, its picture is stored before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from catalog.categories.picture import PREFIX
from catalog.categories.save_category import cycle_sentence
from catalog.categories.slugs import slug_of
from catalog.models import Category
from catalog.pages.product_form import CategoryField


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    """`image` is the key of a picture that is stored; `upload` a new one, which the page has stored by then."""

    refusal: Mapping[str, str] = {}  # what a verb, or storage, said when this form was sent before

    parent = CategoryField(label="Lies in")
    slug = forms.SlugField(
        max_length=100, required=False, allow_unicode=True,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text="How it stands in addresses. Left empty: made of the name.",
    )  # fmt: skip
    upload = forms.FileField(
        label="Picture", required=False, help_text="JPEG, PNG or WebP, up to 2 MB.",
        widget=UnfoldAdminFileFieldWidget({"accept": "image/jpeg,image/png,image/webp"}),
    )  # fmt: skip
    without_image = forms.BooleanField(label="Without a picture", required=False, widget=UnfoldBooleanSwitchWidget())
    image = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput())

    class Meta:
        model = Category
        fields = ("name", "slug", "description", "image")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "parent" in self.fields:
            self.fields["parent"].offer("The top of the tree")  # type: ignore[attr-defined]
        if "name" in self.fields:
            self.fields["name"].error_messages["required"] = "A category needs a name."
        self.initial.setdefault("image", self.instance.image)
        if self.instance.pk and self.instance.depth > 1:
            above = self.instance.path[: -Category.steplen]
            self.initial["parent"] = Category.objects.filter(path=above).values_list("pk", flat=True).first()

    def clean_image(self) -> str:
        """What a form says is not believed: only pictures of categories are shown as one."""
        key: str = self.cleaned_data["image"]
        return key if key.startswith(PREFIX) and ".." not in key else ""

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        data["slug"] = data.get("slug") or slug_of(data.get("name", ""))
        if not data["slug"] and "name" in data:
            self.add_error("slug", "The name has no letter or digit that an address could be made of: write a slug.")
        other = (
            Category.objects.filter(slug=data["slug"]).exclude(pk=self.instance.pk).first() if data["slug"] else None
        )
        if other and "slug" not in self.errors:
            self.add_error("slug", f"The slug {data['slug']} is that of {other.name}: choose another one.")
        if self._is_below_itself(data.get("parent")):
            self.add_error("parent", cycle_sentence())
        for name, sentence in self.refusal.items():
            self.add_error(name if name in self.fields else None, sentence)
        return data

    def values(self) -> dict[str, Any]:
        kept = {name: self.cleaned_data[name] for name in ("name", "slug", "description", "image")}
        return {**kept, "image": ""} if self.cleaned_data.get("without_image") else kept

    @property
    def parent_id(self) -> int | None:
        return getattr(self.cleaned_data.get("parent"), "pk", None)

    def _is_below_itself(self, parent: Category | None) -> bool:
        return bool(self.instance.pk and parent and parent.path.startswith(self.instance.path))

    def _post_clean(self) -> None:
        """The verb writes; `clean` has checked, in words of ours."""
