"""Plants faults of HumanEvalPack's six types into functions."""
