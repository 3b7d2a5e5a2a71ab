"""Compares rows with benchmark problems: by text, by behaviour and by nearest neighbours."""
