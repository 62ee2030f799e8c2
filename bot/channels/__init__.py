"""One module for each way a message can arrive."""
