"""Turns reports into a knowledge base and finds things in it. Knows nothing of chat."""
