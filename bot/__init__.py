"""Speaks to WeChat Work, keeps sessions and runs the process."""
