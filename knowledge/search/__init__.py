"""Finds entries: the engine, query understanding, ranking and its evaluation."""
