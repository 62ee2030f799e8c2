"""Guards over the repository itself: what is packaged, pinned, deployed, and what importing it does."""
