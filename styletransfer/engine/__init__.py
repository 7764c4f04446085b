"""Feature maps -> pictures: the losses, the optimiser, and the loop over both."""
