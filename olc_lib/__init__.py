"""olc_lib: the thin library behind the book *Orthogonal Latent Codes*.

The modules in reading order. Each imports only from those above it, or from its own line:

- the paper's tables: :mod:`paper`;
- its ideas, one module each: :mod:`normalize`, :mod:`latent`, :mod:`losses`, :mod:`networks`, :mod:`objective`,
  :mod:`transfer`; spaces joined afterwards: :mod:`relative`;
- one training loop for every model: :mod:`train`;
- signals: :mod:`download`, :mod:`data`, :mod:`recordings`, :mod:`sentences`, :mod:`heartbeats`, :mod:`augment`,
  :mod:`spectra`; digits made by code: :mod:`appearances`;
- numbers and pictures: :mod:`metrics`, :mod:`block_metrics` (of codes with categories), :mod:`speech_metrics`,
  :mod:`reading` (independent classifiers), :mod:`plots`, :mod:`pictures`, :mod:`widgets`;
- runs and where results come from: :mod:`provenance`, :mod:`stored`, :mod:`runs`;
- one file or folder a system, all under the same contract: :mod:`systems`; what systems of two domains share:
  :mod:`pairs`;
- experiments, repeated over seeds, and the verdicts on claims: :mod:`ledger`;
- the self-checks of the exercises: :mod:`checks`; the demo of the command line: :mod:`demo`;
  what the book's live pages run: :mod:`live`.

Letters for shapes: ``B`` batch, ``T`` samples, ``C`` channels, ``H W`` pixels, ``D`` latent dimensions.
"""

__version__ = "0.2.0"
