"""Visitors, a line that drops and a server that is killed: is anything lost, or shown to others?"""
