"""A category added, changed or moved; with it moves everything below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, transaction
from treebeard.exceptions import InvalidMoveToDescendant, PathOverflow

from catalog.categories.tree_lock import lock_tree
from catalog.models import Category
from catalog.products.refused import Refused
from monitoring import audit

FIELDS = ("name", "slug", "description", "image")
TOO_DEEP = "The tree of categories is too deep there for another one: choose a parent further up."


def add_category(values: Mapping[str, Any], parent_id: int | None, *, actor: User | AnonymousUser | None) -> Category:
    """Among its siblings by its name. Refused."""
    audit.permit(actor, "catalog.add_category", action="add", subject="category")
    try:
        with transaction.atomic():
            lock_tree()
            new = Category(**{name: values[name] for name in FIELDS if name in values})
            parent = _parent(parent_id)
            added: Category = (
                Category.objects.add_child(parent, instance=new) if parent else Category.objects.add_root(instance=new)
            )
            audit.record(actor, "add", "category", added.pk, name=added.name, parent=parent_id)
    except PathOverflow as fault:
        raise Refused(fields={"parent": TOO_DEEP}) from fault
    except IntegrityError as fault:
        raise Refused(fields={"slug": "Another category has this slug by now: choose another one."}) from fault
    return added


def save_category(
    category_id: int, values: Mapping[str, Any], parent_id: int | None, *, actor: User | AnonymousUser | None
) -> Category:
    """Write the values and move it where it belongs: under its parent, at the place its name has. Refused."""
    audit.permit(actor, "catalog.change_category", action="change", subject="category", subject_id=category_id)
    try:
        with transaction.atomic():
            lock_tree()
            return _saved(category_id, values, parent_id, actor)
    except InvalidMoveToDescendant as fault:
        raise Refused(fields={"parent": cycle_sentence()}) from fault
    except PathOverflow as fault:
        raise Refused(fields={"parent": TOO_DEEP}) from fault
    except IntegrityError as fault:
        raise Refused(fields={"slug": "Another category has this slug by now: choose another one."}) from fault


def cycle_sentence() -> str:
    return (
        "A category cannot lie below itself, nor below one that lies below it: choose a parent outside its own branch,"
        " or move that one out first."
    )


def _saved(
    category_id: int, values: Mapping[str, Any], parent_id: int | None, actor: User | AnonymousUser | None
) -> Category:
    category = Category.objects.filter(pk=category_id).first()
    if category is None:
        raise Refused("This category was deleted meanwhile. What you typed can be saved as a new one.")
    changed = {name: [getattr(category, name), values[name]] for name in FIELDS if name in values}
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    for name, (_, value) in changed.items():
        setattr(category, name, value)
    category.save(update_fields=list(changed) or ["name"])
    before = _parent_of(category)
    if before != parent_id:
        changed["parent"] = [before, parent_id]
    if changed.keys() & {"name", "parent"}:
        _move(category, parent_id)
    if changed:
        audit.record(actor, "change", "category", category_id, changed=changed)
    saved: Category = Category.objects.get(pk=category_id)
    return saved


def _move(category: Category, parent_id: int | None) -> None:
    if parent := _parent(parent_id):
        Category.objects.move(category, parent, "sorted-child")
    else:
        Category.objects.move(category, Category.objects.get_root_nodes().first(), "sorted-sibling")


def _parent(parent_id: int | None) -> Category | None:
    if not parent_id:
        return None
    found: Category | None = Category.objects.filter(pk=parent_id).first()
    if found is None:
        raise Refused(fields={"parent": "This parent was deleted meanwhile: choose another one."})
    return found


def _parent_of(category: Category) -> int | None:
    if category.depth == 1:
        return None
    above = category.path[: -category.steplen]
    return Category.objects.filter(path=above).values_list("pk", flat=True).get()  # type: ignore[no-any-return]
