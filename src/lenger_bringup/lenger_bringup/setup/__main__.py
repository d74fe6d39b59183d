"""Entry of the ``lenger`` script: ``__main__.py [--venv VENV] ARGUMENTS``."""

import sys
from pathlib import Path

HOME = Path(__file__).resolve().parents[4]
sys.path[0] = str(HOME / "src" / "lenger_bringup")  # in place of this folder, whose modules are no top-level names

from lenger_bringup.setup.program import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(HOME, sys.argv[1:]))
