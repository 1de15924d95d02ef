"""What every system is made of; knows no system."""
