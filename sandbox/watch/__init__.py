"""Watches a sample from outside and reports how it ended: in the fork server, whose report the host process trusts."""
