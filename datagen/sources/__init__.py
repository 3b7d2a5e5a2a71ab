"""Reads raw code: folders, archives, installed packages, CodeSearchNet, cloze files."""
