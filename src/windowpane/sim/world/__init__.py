"""The simulated world: terrain, things on it, courses through it."""
