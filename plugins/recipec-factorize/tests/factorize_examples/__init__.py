"""Networks to factorize, and artifacts of them."""
