"""A local stand-in for WeChat Work and its chat page; for loopback only."""
