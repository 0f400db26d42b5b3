from django.urls import URLPattern, URLResolver, include, path

from monitoring.pages.traces import urls as traces

app_name = "monitoring"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("monitoring.pages.red_urls")),
    *traces.urlpatterns,
]
