"""The simulated robot: its body, its sensors and their faults."""
