"""HumanEval+ and MBPP+: many more inputs for the same problems, compared with what the reference returns (EvalPlus,
Liu et al. 2023)."""
