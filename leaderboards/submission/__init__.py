"""Results from strangers: packing a run, and checking one without trusting it."""
