"""Runs that belong to visitors: the queue, what does its work, and what is kept of it."""
