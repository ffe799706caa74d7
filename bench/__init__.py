"""Benchmarks: `python -m bench`, or one subject of `bench.__main__.SUBJECTS`.

Whatever is compared is measured in the same run, on the same files: ours, the peers, and the limit
that the machine and the libraries set. Numbers of different runs are not compared.
"""
