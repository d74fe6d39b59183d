"""Whole missions flown in lockstep by the real cores: what they take, and how they follow the ground."""
