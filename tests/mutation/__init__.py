"""The test of the tests: each security check is removed in turn, and some test must turn red."""
