"""olc_lib: the thin library behind the book *Orthogonal Latent Codes*.

One module per idea of Solhjoo & Rodolà, *Latent Code Disentanglement Using Orthogonal Latent Codes and
Inter-Domain Signal Transformation*; docstrings name the equation or table they implement. Letters for
shapes: ``B`` batch, ``T`` samples, ``C`` channels, ``H W`` pixels, ``D`` latent dimensions.
"""

__version__ = "0.1.0"
