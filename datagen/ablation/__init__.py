"""What each variant of the data was worth: train on each, evaluate, compare in pairs. `wavebench ablate`."""
