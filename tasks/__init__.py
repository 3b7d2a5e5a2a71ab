"""What is asked, and what a result means."""
