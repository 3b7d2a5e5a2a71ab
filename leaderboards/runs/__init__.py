"""Reads run folders and turns them into the rows and ranks of a leaderboard."""
