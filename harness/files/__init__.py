"""Files that survive a crash: JSON Lines, atomic writes, locks; and what is printed while a step runs."""
