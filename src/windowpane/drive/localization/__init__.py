"""Where the robot is: visual odometry, wheels, gyroscope, GPS."""
