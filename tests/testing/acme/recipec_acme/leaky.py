"""An operator whose module imports a framework at its top."""

import jinja2  # noqa: F401  (the very mistake)

from recipec_acme.good import Repeat


class ImportsAFramework(Repeat):
    pass
