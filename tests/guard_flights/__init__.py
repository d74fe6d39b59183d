"""Flights that prove the guard: hostile ones that must not breach, legal ones that must not be disturbed."""
