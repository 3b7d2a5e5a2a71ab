"""HumanEvalPack's tests and a candidate as two programs, for a sandbox that runs them in processes of their own."""
