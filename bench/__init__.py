"""Benchmarks: they print numbers and ratios against a peer of the same run, and assert nothing."""
