"""What draws the portraits that ship: the trainings of its networks."""
