"""Families: the shapes of sequence problems that tasks share."""
