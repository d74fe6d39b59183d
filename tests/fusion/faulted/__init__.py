"""Seeded flights with one fault each: whether the estimator's protection levels hold, or it says that they may not."""
