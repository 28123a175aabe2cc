"""Whole screens and dialogs; a screen holds the session and its widgets mirror it."""
