"""Where the robot is (localization): visual odometry, wheels, gyroscope, GPS."""
