"""The plan gate: what must hold before a plan may fly."""
