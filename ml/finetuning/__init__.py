"""What lessons run in their own low-priority process."""
