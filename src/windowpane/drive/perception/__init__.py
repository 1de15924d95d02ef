"""From two pictures to what is where (perception)."""
