"""Other ways to train than on instruction rows: GRPO, DPO and KTO, by TRL's trainers."""
