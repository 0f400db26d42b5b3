from django.urls import path
from django_prometheus.exports import ExportToDjangoView

from monitoring.health.page import health

urlpatterns = [
    path("metrics", ExportToDjangoView, name="metrics"),
    path("api/health", health, name="health"),
]
