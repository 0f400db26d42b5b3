"""Pages of figures: all components, one component, one metric."""

from django.contrib import admin
from django.urls import path

from monitoring.pages.component import component_page
from monitoring.pages.metric import metric_csv, metric_page
from monitoring.pages.overview import overview
from monitoring.pages.page import for_watchers

urlpatterns = [
    path("", admin.site.admin_view(overview), name="overview"),
    path("components/<slug:key>/", for_watchers(component_page), name="component"),
    path("metrics/<str:name>/", for_watchers(metric_page), name="metric"),
    path("metrics/<str:name>/points.csv", for_watchers(metric_csv), name="metric_csv"),
]
