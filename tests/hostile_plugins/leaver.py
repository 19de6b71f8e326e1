"""It leaves when it is imported."""

import sys

sys.exit("this plugin needs a newer Python")
