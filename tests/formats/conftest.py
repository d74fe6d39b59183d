"""Makes `mutated_texts` importable: tests of one folder share it, and importlib mode gives folders no path."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
