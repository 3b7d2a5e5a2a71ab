"""Chooses which functions the teacher sees: KCenterGreedy, and random and stratified choice beside it."""
