"""The model back ends, each imported only when it is used."""
