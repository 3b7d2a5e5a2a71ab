"""Problems of a user's own: which format a file is in, and what keeps a row from being scored."""
