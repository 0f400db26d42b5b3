from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from monitoring.history.page import history_page

# Here and not when an app is ready: a worker has no pages, and would pay a third of its start and 7 MB for them.
admin.autodiscover()

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    # Before the admin's own: one history for all objects.
    path(
        "admin/<str:app_label>/<str:model_name>/<path:object_id>/history/",
        admin.site.admin_view(history_page),
        name="object_history",
    ),
    path("admin/monitoring/", include("monitoring.pages.urls")),
    path("admin/", admin.site.urls),
    path("", include("monitoring.urls")),
]
