"""It can't be imported."""

raise RuntimeError("no licence was found")
