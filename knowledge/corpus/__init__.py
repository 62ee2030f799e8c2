"""From the bytes of one document to its clean text and its section tree."""
