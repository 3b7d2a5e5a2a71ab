"""What one row of training data holds, and where rows are kept."""
