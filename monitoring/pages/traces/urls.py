"""Below `/admin/monitoring/`."""

from __future__ import annotations

from django.urls import path

from monitoring.pages.page import for_readers
from monitoring.pages.traces.compare_page import compare_page
from monitoring.pages.traces.list_page import list_page
from monitoring.pages.traces.map_page import map_page
from monitoring.pages.traces.span_page import span_page
from monitoring.pages.traces.trace_page import rows_part, trace_page

urlpatterns = [
    path("traces/", for_readers(list_page), name="traces"),
    path("traces/<str:trace_id>/", for_readers(trace_page), name="trace"),
    path("traces/<str:trace_id>/rows/", for_readers(rows_part), name="trace_rows"),
    path("traces/<str:trace_id>/compare/", for_readers(compare_page), name="trace_compare"),
    path("traces/<str:trace_id>/span/<str:span_id>/", for_readers(span_page), name="trace_span"),
    path("map/", for_readers(map_page), name="map"),
]
