"""The paper as data: Tables 1-10, each under the name the rest of the library uses.

Loss terms carry the same names everywhere: ``reconstruction``, ``sparsity``, ``interpolation`` and, for
disentanglement, the name of the category it separates (``speaker``, ``digit``, ``writer``).
"""

from typing import NamedTuple


class Layer(NamedTuple):
    """One convolution layer: a row of Table 2, 6 or 10."""

    channels: int
    kernel: int
    stride: int
    padding: int


#: Table 1, the machine the authors used.
HARDWARE = {
    "CPU": "Intel Core i7-8750H, 2.2 GHz",
    "GPU": "NVIDIA GeForce RTX 2070 with Max-Q Design",
    "disk": "512 GB SSD and 1 TB HDD",
    "RAM": "32 GB",
    "type": "64 bit",
}

#: Table 2, the ten one-dimensional layers of the voice encoder, L1 to L10.
VOICE_LAYERS = (
    Layer(1026, 64, 16, 1),
    Layer(285, 32, 8, 1),
    Layer(79, 16, 2, 1),
    Layer(76, 8, 1, 1),
    Layer(73, 7, 1, 1),
    Layer(70, 6, 1, 1),
    Layer(67, 5, 1, 1),
    Layer(64, 4, 1, 1),
    Layer(62, 4, 1, 1),
    Layer(60, 3, 1, 1),
)

#: Table 3, importance factors I of the voice model.
VOICE_IMPORTANCE = {"reconstruction": 1.0, "sparsity": 0.3, "interpolation": 0.02, "speaker": 0.25, "digit": 0.25}

#: Table 4, the (start, stop) iterations between which a term of the voice model is injected.
VOICE_INJECTION = {
    "reconstruction": (1, 1),
    "sparsity": (6000, 6100),
    "interpolation": (6500, 6600),
    "speaker": (6800, 7300),
    "digit": (6800, 7300),
}
VOICE_ITERATIONS = 10_000

#: Table 5, balancing factors B of the voice model, largest term first.
VOICE_BALANCE = (1.0, 0.5, 0.4, 0.3, 0.2)

#: Table 6, the ten two-dimensional layers of the image encoder, L1 to L10.
IMAGE_LAYERS = (
    Layer(1012, 7, 2, 1),
    Layer(405, 5, 1, 1),
    Layer(162, 3, 1, 1),
    Layer(115, 3, 1, 1),
    Layer(82, 3, 1, 1),
    Layer(59, 3, 1, 1),
    Layer(42, 3, 1, 1),
    Layer(30, 3, 1, 1),
    Layer(21, 3, 1, 1),
    Layer(15, 3, 1, 1),
)

#: Table 7, importance factors I of the image model; one writer needs no disentangling, hence 0.
IMAGE_IMPORTANCE = {"reconstruction": 1.0, "sparsity": 0.3, "interpolation": 0.02, "writer": 0.0, "digit": 0.4}

#: Table 8, the (start, stop) iterations of the image model.
IMAGE_INJECTION = {
    "reconstruction": (1, 1),
    "sparsity": (400, 410),
    "interpolation": (450, 460),
    "writer": (480, 530),
    "digit": (480, 530),
}
IMAGE_ITERATIONS = 800

#: Table 9, balancing factors B of the image model, largest term first.
IMAGE_BALANCE = (1.0, 0.5, 0.4, 0.3, 0.2)

#: Table 10, the three layers of the bridge.
BRIDGE_LAYERS = (Layer(64, 3, 1, 1), Layer(64, 3, 1, 1), Layer(64, 3, 1, 1))


class Design(NamedTuple):
    """Which tables belong to one model: everything that the paper fixes about it, except its signals."""

    layers: tuple[Layer, ...]
    importance: dict[str, float]
    injection: dict[str, tuple[float, float]]
    iterations: int
    balance: tuple[float, ...]


#: The image model, Tables 6 to 9.
IMAGE = Design(IMAGE_LAYERS, IMAGE_IMPORTANCE, IMAGE_INJECTION, IMAGE_ITERATIONS, IMAGE_BALANCE)
#: The voice model on waveforms, Tables 2 to 5.
RAW = Design(VOICE_LAYERS, VOICE_IMPORTANCE, VOICE_INJECTION, VOICE_ITERATIONS, VOICE_BALANCE)
#: The voice model on log-mel pictures, which the paper does not have, in the image stack and with the voice's tables.
LOG_MEL = RAW._replace(layers=IMAGE_LAYERS)
