"""An empty category deleted. What is not empty stays, with a sentence that says what lies in it."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import ProtectedError

from catalog.categories.tree_lock import lock_tree
from catalog.models import Category, Product
from catalog.products.refused import Refused
from monitoring import audit

MOST_COUNTED = 10_000


def delete_category(category_id: int, *, actor: User | AnonymousUser | None, reason: str = "") -> None:
    audit.permit(
        actor, "catalog.delete_category", action="delete", subject="category", subject_id=category_id, reason=reason
    )
    with transaction.atomic():
        lock_tree()
        category = Category.objects.select_for_update().filter(pk=category_id).first()
        if category is None:
            raise Refused("This category was deleted already.")
        if why := holds(category):
            raise Refused(why)
        name = category.name
        try:
            with transaction.atomic():
                category.delete()
        except ProtectedError as fault:
            kind = next(iter(fault.protected_objects))._meta.verbose_name_plural
            raise Refused(f"{name} cannot be deleted: there are {kind} of it, which have to keep it.") from fault
        audit.record(actor, "delete", "category", category_id, reason=reason, name=name)


def holds(category: Category) -> str:
    """Why it cannot be deleted, and what to do first; '' when it is empty."""
    products = Product.objects.order_by().filter(category=category)[: MOST_COUNTED + 1].count()
    parts = []
    if category.numchild:
        parts.append(f"{category.numchild:,} {'category' if category.numchild == 1 else 'categories'}")
    if products:
        number = f"more than {MOST_COUNTED:,}" if products > MOST_COUNTED else f"{products:,}"
        parts.append(f"{number} {'product' if products == 1 else 'products'}")
    if not parts:
        return ""
    what = " and ".join(parts)
    lie = "lies" if parts in (["1 category"], ["1 product"]) else "lie"
    return f"{category.name} is not empty: {what} {lie} in it. Move them to another category first."
