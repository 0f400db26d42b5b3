"""Products in and out as files: an import is looked through, shown, confirmed and written; an export is streamed.

django-import-export's Resource, fields and widgets decide what a row means and what it would change, a chunk at a time;
its admin pages are not used, since they hold a whole file and its whole result in memory.
"""
