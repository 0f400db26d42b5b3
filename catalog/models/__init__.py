from catalog.models.bulk_edit import BulkEdit, BulkRefusal, BulkStatus, BulkVerb
from catalog.models.category import Category
from catalog.models.product import Product, ProductStatus
from catalog.models.product_image import ImageStatus, Leftover, ProductImage, Rendition
from catalog.models.transfer import Transfer, TransferKind, TransferRow, TransferStatus

__all__ = [
    "BulkEdit",
    "BulkRefusal",
    "BulkStatus",
    "BulkVerb",
    "Category",
    "ImageStatus",
    "Leftover",
    "Product",
    "ProductImage",
    "ProductStatus",
    "Rendition",
    "Transfer",
    "TransferKind",
    "TransferRow",
    "TransferStatus",
]
