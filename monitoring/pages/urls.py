from django.urls import URLPattern

from monitoring.pages.traces import urls as traces

app_name = "monitoring"

urlpatterns: list[URLPattern] = [*traces.urlpatterns]
