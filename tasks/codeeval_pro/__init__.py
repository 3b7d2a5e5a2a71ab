"""HumanEval-Pro and MBPP-Pro: a problem, and a second one whose solution calls that of the first (CodeEval-Pro, Yu et
al. 2024)."""
