"""Pages of figures, traces and health: no model's list or form, so with addresses beside the admin's."""
