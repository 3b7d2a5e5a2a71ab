"""Problems in HumanEval's format, made of pure functions: material to sample answers for and to reward them by."""
