"""Networks that the tests of `recipec-prune` prune, and samples that they select blocks with."""
