"""Exit with a sentence if this Python cannot run girder-tiles; runs on any Python 3."""

import importlib.util
import sys

if sys.version_info < (3, 10):  # noqa: UP036  (that is the question here)
    sys.exit("girder-tiles needs Python 3.10 or newer: make PYTHON=/path/to/python3 ...")
if importlib.util.find_spec("ensurepip") is None:
    sys.exit("This Python has no venv; on Debian: apt-get install python3-venv")
