"""Source code read by its syntax: functions, documentation, filters and duplicates."""
