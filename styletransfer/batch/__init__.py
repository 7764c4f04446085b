"""Many pictures at once: every photo by every painting, planned, painted, resumed and listed."""
