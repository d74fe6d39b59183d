"""Patterns: what is flown to survey, search, follow or circle something."""
