"""Worker processes that run many programs: everything here runs in the host process, which is trusted.

Nothing in this package reads what a sample wrote except through the reports of its server.
"""
