"""Fuzzing the callback: ``python -m tests.fuzz --count 1000000`` (``make fuzz``); a short run is part of the tests."""
