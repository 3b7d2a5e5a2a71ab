"""The stages from collected functions to selected rows."""
