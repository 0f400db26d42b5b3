"""What beat sends, by the business's clock (TIME_ZONE).

Recovery and sweep are not among these: they must not depend on the queue they fill. See config/watch.py.
"""

from celery.schedules import crontab

SCHEDULE = {
    "purge": {"task": "batches.purge", "schedule": crontab(minute="15", hour="4")},
    "start late moves": {"task": "batches.start_late_moves", "schedule": crontab(minute="40")},
    "purge_transfers": {"task": "catalog.purge_transfers", "schedule": crontab(minute="20", hour="4")},
    "archive_letters": {"task": "batches.archive_letters", "schedule": crontab(minute="45", hour="4")},
    "reconcile stock": {"task": "inventory.reconcile_nightly", "schedule": crontab(minute="30", hour="3")},
    "low stock digest": {"task": "inventory.low_stock_digest", "schedule": crontab(minute="0", hour="8")},
    # Of those that wait for a worker one will do.
    "add up demand": {
        "task": "inventory.add_up_demand",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 300},
    },
    "clean_images": {"task": "catalog.clean_images", "schedule": crontab(minute="25", hour="4")},
}
