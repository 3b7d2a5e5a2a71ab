"""The look that every page of wavebench shares: reports of runs and trainings, ablations, and the leaderboard's site.

`frame` renders a page that is one file; a site copies the style sheet and the script instead.
"""
