"""A pool of confined child processes, which decode what strangers wrote."""
