"""What the Pipeline page shows: stages, their states and parameters, and networks as graphs."""
