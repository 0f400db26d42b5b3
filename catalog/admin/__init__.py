from catalog.admin import transfer

__all__ = ["transfer"]
