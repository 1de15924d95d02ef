"""Route and wheels (planning): global planner, local planner (controller), footprint."""
