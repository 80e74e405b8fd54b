"""The ledger: the paper's claims put to the test. The core of the library does not need it.

``experiments`` runs, stores and reads grids of arms and seeds; ``paper_experiments`` and the modules beside it hold
the grids; ``claims`` and the other modules of that ending judge them by the rules of ``rules``.
"""
