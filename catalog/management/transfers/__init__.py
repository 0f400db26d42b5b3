"""`manage.py products import|export`: the pages' verbs, in this process."""
