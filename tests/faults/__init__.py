"""The whole service while something breaks: Redis, the network to it, the bot itself."""
