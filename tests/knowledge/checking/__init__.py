"""The checker: its rules, its figures on the bundled reports, its behaviour on hostile text."""
