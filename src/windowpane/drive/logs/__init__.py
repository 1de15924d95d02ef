"""In and out of files (logs): recordings, ROS bags, Rerun, grids."""
