"""The ledger: the paper's claims put to the test. The core of the library does not need it.

``experiments`` runs, stores and reads a grid of arms and seeds; ``studies`` is the grid; ``claims`` judges.
"""
