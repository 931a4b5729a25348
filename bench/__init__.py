"""Benchmarks: one command, both stores, results as ratios within one run.

Machines are shared and noisy: an absolute says little, a ratio to the same server's static answer
in the same minute says more. Nothing here is asserted in a test.
"""
