"""What takes minutes and the network is collected by ``make soak`` and ``make image`` only."""

from tests.support.soak import get_size

collect_ignore = [
    f"test_{name.lower()}.py" for name in ("IMAGE", "OPERATIONS") if not get_size(name, 0)
]
