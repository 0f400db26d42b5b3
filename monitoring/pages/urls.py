from django.urls import URLPattern, URLResolver, include, path

app_name = "monitoring"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("monitoring.pages.red_urls")),
]
