"""Networks to change, and artifacts of them."""
