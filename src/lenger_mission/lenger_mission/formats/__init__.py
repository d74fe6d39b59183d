"""Plan and area files of other programs: read into the plan model, written from it, and what they cannot say told."""
