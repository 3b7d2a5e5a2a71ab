"""HumanEvalPack: fix, explain and synthesize functions in six languages (OctoPack, Muennighoff et al. 2023)."""
