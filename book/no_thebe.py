"""A Sphinx extension: leave out sphinx-thebe, which jupyter-book loads unasked.

Thebe would connect pages to a kernel elsewhere. Here pages need none; its script stands in each of them twice, with
outside addresses, and the browser's console complains.
"""


def setup(app):
    """What Sphinx calls; see there."""
    app.connect("config-inited", _disconnect, priority=0)
    return {"parallel_read_safe": True}


def _disconnect(app, config):
    for listeners in app.events.listeners.values():
        listeners[:] = [one for one in listeners if not one.handler.__module__.startswith("sphinx_thebe")]
