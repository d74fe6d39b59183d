"""Plan files and formats, the plan gate, and the mission state machine."""
