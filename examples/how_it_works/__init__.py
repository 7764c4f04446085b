"""Computes the figures and the numbers of the page `/how-it-works`, all of them by this engine."""
