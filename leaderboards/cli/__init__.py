"""The commands `compare`, `leaderboard`, `submit` and `verify`: their arguments and their output."""
