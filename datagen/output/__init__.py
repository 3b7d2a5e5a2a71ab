"""Writes what users read: the data set's files, its card and plots, and reports on foreign data."""
