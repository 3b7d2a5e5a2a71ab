"""Fine-tunes a causal language model on instruction rows: `wavebench finetune`."""
