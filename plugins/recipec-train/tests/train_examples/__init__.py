"""What the tests train, on what: importable in their child processes too."""
