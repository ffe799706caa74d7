"""Benchmarks, run by hand (`make bench`); see each module."""
