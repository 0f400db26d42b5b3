"""`/api/health`: whether the process answers, and whether what it depends on does."""
