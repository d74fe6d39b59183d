"""The guard: run-time assurance of fence, ceiling and ground clearance."""
