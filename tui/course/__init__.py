"""Lessons as data: their format, where they are found, and what their questions mean."""
