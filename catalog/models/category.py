from __future__ import annotations

from django.db import models
from treebeard.mp_tree import MP_Node

from monitoring.history.track import tracked


# Paths, of whole subtrees and of neighbours, are the tree's own bookkeeping.
@tracked(name=("name",), exclude=("path", "depth", "numchild"), subject="category")
class Category(MP_Node):  # type: ignore[misc]
    """A place in the tree of categories. A materialized path: a move takes the subtree along, a cycle cannot be said.

    `image` is a key in storage, '' for none.
    """

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=100, unique=True, allow_unicode=True)
    description = models.TextField(blank=True)
    image = models.CharField(max_length=500, blank=True)

    node_order_by = ["name"]

    class Meta:
        verbose_name_plural = "categories"
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="category_named")]

    def __str__(self) -> str:
        return str(self.name)
