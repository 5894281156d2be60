"""Music2Vector: the model, its training, listening and rhythm."""
