"""Tests of bigan, a folder for each part of the program."""
