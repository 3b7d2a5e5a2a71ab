"""Plants faults at the syntax tree: the six bug types of HumanEvalPack, in every language that has a grammar."""
