"""What a training leaves behind: the model, its manifest, its log and its report."""
