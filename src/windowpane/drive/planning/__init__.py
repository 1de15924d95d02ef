"""Route and wheels: global planner, local planner (controller), footprint."""
