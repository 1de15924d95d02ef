"""In and out of files: recordings, ROS bags, Rerun, grids."""
