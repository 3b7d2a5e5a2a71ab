"""The types that flow through the stages (raw functions, rows) and how they are stored."""
