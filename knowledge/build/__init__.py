"""From clean reports to the entries of a knowledge base."""
