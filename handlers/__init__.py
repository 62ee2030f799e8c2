"""Understands a message and words the reply. Pure and synchronous: no input, no output."""
