"""The kinds of timelines: by a date, by starts, by a count."""
