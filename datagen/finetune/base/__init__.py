"""The base model that training starts from: found on disk or the hub, or made new."""
