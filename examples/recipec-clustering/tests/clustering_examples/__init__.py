"""Networks to cluster, and artifacts of them."""
