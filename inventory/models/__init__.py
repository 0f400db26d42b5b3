from inventory.models.level import StockLevel
from inventory.models.location import Location
from inventory.models.low_stock import LowStock
from inventory.models.movement import MovementKind, StockMovement
from inventory.models.posting import PostingKind, StockPosting
from inventory.models.reconciliation import Reconciliation
from inventory.models.stocktake import Stocktake, StocktakeLine, StocktakeStatus

__all__ = [
    "Location",
    "LowStock",
    "MovementKind",
    "PostingKind",
    "Reconciliation",
    "StockLevel",
    "StockMovement",
    "StockPosting",
    "Stocktake",
    "StocktakeLine",
    "StocktakeStatus",
]
